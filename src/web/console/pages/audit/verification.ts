/**
 * What the verification of the audit log found.
 */
import type { AuditFault, Link } from '../../../../domain/audit/faults.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { panel } from '../../components/basics.ts';
import { copyId } from '../../components/copy.ts';
import { hint, notice, pageHead, problem } from '../../components/page.ts';
import type { Page } from '../../layout.ts';
import { auditTexts } from '../../texts/audit/audit.ts';
import type { Language } from '../../texts/language.ts';
import { renderVerify } from './list.ts';

export interface VerificationView {
  /** The first row that was verified. */
  readonly from: number;
  readonly rows: number;
  readonly faults: readonly AuditFault[];
  readonly hasMoreFaults: boolean;
  readonly head: Link | undefined;
  /** The row with which the next part begins; undefined: the end was reached. */
  readonly next: number | undefined;
  /** As it was entered. */
  readonly kept: string;
}

export function renderVerification(view: VerificationView, language: Language): Page {
  const texts = auditTexts(language);
  const main = html`${pageHead({ title: texts.verification, parent: { label: texts.back, href: '/audit' } })}
${renderResult(view, language)}
${view.next !== undefined && renderNext(view, view.next, language)}
${
  view.head &&
  view.next === undefined &&
  view.faults.length === 0 &&
  panel(
    texts.head,
    html`${hint(texts.headText)}<p>${copyId(`${view.head.position}:${view.head.hash}`, language)}</p>`,
  )
}`;
  return { title: texts.verification, main };
}

/** Instead of a result, when what was entered is no head. */
export function renderRefusedVerification(kept: string, language: Language): Page {
  const texts = auditTexts(language);
  const parent = { label: texts.back, href: '/audit' };
  return {
    title: texts.verification,
    main: html`${pageHead({ title: texts.verification, parent })}${renderVerify(language, kept)}`,
  };
}

function renderResult(view: VerificationView, language: Language): Html {
  const texts = auditTexts(language);
  const { from, rows, faults, next, head } = view;
  const number = (value: number) => value.toLocaleString('en-US');
  if (faults.length > 0) {
    return html`${problem(texts.broken(faults.length))}
<section class="panel"><p>${texts.brokenText}</p><ul class="faults">${faults.map((fault) => html`<li>${describeFault(fault, language)}</li>`)}</ul>
${view.hasMoreFaults && hint(texts.moreFaults)}</section>`;
  }
  return notice(
    next === undefined
      ? texts.intact(number(from - 1 + rows))
      : texts.intactSoFar(number(from), number(next - 1), number(head?.position ?? next - 1)),
  );
}

function describeFault(fault: AuditFault, language: Language): string {
  const describe = auditTexts(language).faults[fault.kind] as (of: AuditFault) => string;
  return describe(fault);
}

function renderNext({ kept }: VerificationView, next: number, language: Language): Html {
  return html`<form method="post" action="/audit/verify"><input type="hidden" name="from" value="${next}"><input type="hidden" name="kept" value="${kept}">
<button>${auditTexts(language).goOn}</button></form>`;
}
