/**
 * The style sheet of the sandbox's pages.
 */
import { Html } from '../../lib/html.ts';

export const STYLE = new Html(`
:root { --ink: #1f2430; --soft: #5b6474; --line: #e1e5ea; --paper: #fff; --back: #f3f4f7; --accent: #c8102e; --on-accent: #fff;
  --link: #0b57d0; --danger: #b80f2a; --note: #fff7e0; --neutral: #e6e9ee; --good: #d1f0dc; --bad: #fbd9d9; --info: #dbe6fb;
  color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8eaee; --soft: #a9b2c0; --line: #343b48; --paper: #1d222b; --back: #12151b; --link: #8ab4f8; --danger: #ff8a9b;
    --note: #4a3d12; --neutral: #3a4150; --good: #14532d; --bad: #6b1d24; --info: #1e3a70; }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; -webkit-text-size-adjust: 100%; }
a { color: var(--link); }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; padding: .6rem 1rem; background: var(--accent); color: var(--on-accent); }
header a { color: inherit; font-weight: 700; text-decoration: none; padding: .3rem 0; } header strong { padding: .3rem 0; }
header span { font-size: .875rem; }
main { max-width: 64rem; margin: 0 auto; padding: 1rem 1rem 3rem; }
h1 { font-size: 1.4rem; margin: .5rem 0 1rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
h2[id] { scroll-margin-top: 1rem; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .9rem; padding: 1.1rem; }
.card > :first-child { margin-top: 0; } .card > :last-child { margin-bottom: 0; }
.notice { background: var(--note); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem 1rem; margin: 0 0 1rem; }
.card p { overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
.id { font-family: ui-monospace, monospace; font-size: .8125rem; user-select: all; }
.status { display: inline-block; border-radius: 1rem; padding: .05rem .7rem; background: var(--neutral); font-size: .8125rem; font-weight: 600; white-space: nowrap; }
.status.COMPLETED, .status.succeeded { background: var(--good); } .status.FAILED, .status.failed { background: var(--bad); }
.status.REFUNDED { background: var(--info); }
form { display: inline-block; margin: .15rem .3rem .15rem 0; }
button { font: inherit; min-height: 2.75rem; padding: .3rem 1rem; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--paper); color: inherit; cursor: pointer; }
button:disabled { opacity: .6; cursor: default; }
button:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible { outline: 3px solid #80b3ff; outline-offset: 2px; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
button.danger { color: var(--danger); }
.payments { list-style: none; margin: 0; padding: 0; display: grid; gap: .75rem; }
.payment { display: grid; grid-template-columns: 11rem 1fr 16rem; gap: .25rem 1.5rem; align-items: start; }
.payment .sum { font-size: 1.4rem; font-weight: 700; line-height: 1.2; margin: 0 0 .3rem; font-variant-numeric: tabular-nums; }
.payment .shop { font-weight: 600; margin: 0; overflow-wrap: anywhere; } .payment p { margin: 0 0 .15rem; }
.payment .actions { display: grid; grid-template-columns: 1fr 1fr; gap: .4rem; }
.payment .actions form, .payment .actions button { width: 100%; margin: 0; }
.payment .actions details, .payment .actions > form:only-child { grid-column: 1 / -1; margin: 0; }
.cashier { max-width: 27rem; margin: 1rem auto; }
.cashier .head { text-align: center; } .cashier .head p { margin: 0; } .cashier .head { margin-bottom: 1.25rem; }
.cashier .shop { font-size: 1.125rem; font-weight: 600; overflow-wrap: anywhere; }
.amount { font-size: 2.75rem; font-weight: 700; line-height: 1.2; margin: .25rem 0; font-variant-numeric: tabular-nums; }
.cashier .outcome { text-align: center; font-size: 1.125rem; font-weight: 600; margin: 1rem 0; }
.cashier form, .cashier form > button, .cashier form > label, .cashier form input, .cashier.back button { width: 100%; }
.cashier form { margin: .3rem 0; } .cashier .main { min-height: 3.25rem; font-size: 1.125rem; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem 1rem; margin: 1rem 0 0; padding-top: .8rem; border-top: 1px solid var(--line); font-size: .875rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.refunds { list-style: none; margin: .5rem 0; padding: 0; } .refunds li { margin-bottom: .4rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; background: var(--paper); }
th, td { text-align: left; vertical-align: top; padding: .5rem; border-bottom: 1px solid var(--line); }
.amounts td:first-child { white-space: nowrap; font-variant-numeric: tabular-nums; } .amounts tr:last-child td { border-bottom: 0; }
code { overflow-wrap: anywhere; }
.records { margin-top: .75rem; padding: .35rem 1.1rem; } .records tr:last-child td { border-bottom: 0; } .records button { white-space: nowrap; }
.narrow { display: none; }
@media (max-width: 48rem) {
  .payment { grid-template-columns: 1fr auto; } .payment .info, .payment .actions { grid-column: 1 / -1; }
  .payment .standing { display: contents; } .payment .standing .sum { margin: 0; } .payment .standing .status { justify-self: end; align-self: center; }
  .payment .standing .soft, .payment .standing .refunds { grid-column: 1 / -1; }
  .payment .actions { margin-top: .5rem; }
  .narrow { display: inline; } .stacked thead { display: none; } .stacked tr { display: block; padding: .5rem; border-bottom: 1px solid var(--line); }
  .stacked td { display: block; padding: .1rem 0; border: 0; overflow-wrap: anywhere; }
}
label { display: inline-block; margin: .25rem .5rem .25rem 0; font-size: .875rem; }
input, select { display: block; font: inherit; min-height: 2.5rem; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: .5rem; max-width: 100%; background: var(--paper); color: inherit; }
summary { padding: .6rem 0; cursor: pointer; }
`);
