/**
 * Building blocks of the sandbox's pages.
 */
import { Html, html } from '../../lib/html.ts';

/** Renders a complete page. `notice` is the result of the form that led to it. */
export function renderPage(title: string, notice: string | undefined, content: Html): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<header><strong>PayPay sandbox</strong><span>A simulation. No real money moves.</span></header>
<main>
${notice !== undefined && html`<p class="notice" role="status">${notice}</p>`}
${content}
</main>
</body>
</html>
`;
  return page.text;
}

/** Renders a form with one button. It posts to the control interface, which redirects back to `returnTo`. */
export function renderButton(
  label: string,
  button: { action: string; fields: Record<string, string>; returnTo: string; style?: 'main' | 'danger' },
): Html {
  const fields = Object.entries({ ...button.fields, return_to: button.returnTo });
  return html`<form method="post" action="${button.action}">
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button class="${button.style ?? 'plain'}">${label}</button>
</form>`;
}

/** Formats an amount in yen, for example ¥1,200. */
export function formatYen(amount: number): string {
  return `¥${amount.toLocaleString('en-US')}`;
}

const STYLE = new Html(`
:root { --ink: #1f2430; --soft: #667085; --line: #e4e7ec; --paper: #fff; --back: #f5f6f8; --accent: #c8102e;
  --link: #0b57d0; --danger: #c8102e; --note: #fff7e0; --neutral: #e4e7ec; --good: #d1f0dc; --bad: #fbd9d9; --info: #dbe6fb; color-scheme: light dark; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ec; --soft: #a3acba; --line: #3a4150; --paper: #1f242e; --back: #14171d; --link: #8ab4f8; --danger: #ff8a9b;
    --note: #4a3d12; --neutral: #3a4150; --good: #14532d; --bad: #6b1d24; --info: #1e3a70; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
a { color: var(--link); }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: .75rem 1rem; background: var(--accent); color: #fff; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; }
.card > :first-child { margin-top: 0; }
.cashier { max-width: 26rem; margin: 1rem auto; text-align: center; }
.amount { font-size: 2.5rem; font-weight: 700; margin: .5rem 0; }
.notice { background: var(--note); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem 1rem; }
.soft { color: var(--soft); font-size: .875rem; overflow-wrap: anywhere; }
.status { display: inline-block; border-radius: 1rem; padding: 0 .6rem; background: var(--neutral); font-size: .8rem; }
.status.COMPLETED, .status.succeeded { background: var(--good); } .status.FAILED, .status.failed { background: var(--bad); }
.status.REFUNDED { background: var(--info); }
form { display: inline-block; margin: .15rem; }
button { font: inherit; min-height: 2.5rem; padding: .3rem .9rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--paper); color: inherit; cursor: pointer; }
button:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid #80b3ff; }
button.main { background: var(--accent); border-color: var(--accent); color: #fff; font-weight: 600; }
button.danger { color: var(--danger); }
.cashier > form, .cashier > form > button, .cashier > form > label, .cashier > form input { width: 100%; }
.cashier > form { margin: .15rem 0; }
.refunds { list-style: none; margin: .5rem 0; padding: 0; } .refunds li { margin-bottom: .4rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; background: var(--paper); }
th, td { text-align: left; vertical-align: top; padding: .5rem; border-bottom: 1px solid var(--line); }
code { overflow-wrap: anywhere; }
.narrow { display: none; }
@media (max-width: 48rem) {
  .narrow { display: inline; } .stacked thead { display: none; } .stacked tr { display: block; padding: .5rem; border-bottom: 1px solid var(--line); }
  .stacked td { display: block; padding: .1rem 0; border: 0; overflow-wrap: anywhere; }
}
label { display: inline-block; margin: .25rem .5rem .25rem 0; font-size: .875rem; }
input, select { display: block; font: inherit; padding: .3rem; border: 1px solid var(--line); border-radius: .4rem; max-width: 100%; }
details { margin-top: .5rem; }
`);
