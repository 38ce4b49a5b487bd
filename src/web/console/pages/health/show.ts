/**
 * How the gateway is now, and plots of the last 24 hours.
 */
import { type Html, html } from '../../../../lib/html.ts';
import { type Health, MAX_COUNTED } from '../../../../services/operator/health/read-health.ts';
import type { HealthPlots } from '../../../../services/operator/health/read-plots.ts';
import { badge, panel, time } from '../../components/basics.ts';
import { hint, pageHead } from '../../components/page.ts';
import { plot } from '../../components/plot.ts';
import { table } from '../../components/table.ts';
import type { Page } from '../../layout.ts';
import { endpointTexts } from '../../texts/gateway/endpoints.ts';
import { healthTexts } from '../../texts/gateway/health.ts';
import type { Language } from '../../texts/language.ts';
import { shownUrl, statusBadge } from '../endpoints/parts.ts';
import { renderNow, toneOfAge } from './now.ts';

export interface HealthView {
  readonly health: Health;
  readonly plots: HealthPlots;
}

type Texts = ReturnType<typeof healthTexts>;

export function renderHealth({ health, plots }: HealthView, language: Language): Page {
  const texts = healthTexts(language);
  const main = html`${pageHead({
    title: texts.title,
    below: html`${texts.asOf} ${time(health.now)}`,
    side: html`<a class="button" href="/health">${texts.refresh}</a>`,
  })}
${renderNow(health, texts, language)}
<section class="panel"><div class="panel-head"><h2>${texts.lastDay}</h2></div>${hint(texts.lastDayHint)}
<div class="plots">${renderPlots(plots, texts, language)}</div></section>
${panel(texts.workers, renderWorkers(health, texts, language))}
${panel(texts.deliveries, renderWaiting(health, texts, language))}
<p class="hint" data-reload>${texts.refreshes}</p>`;
  return { title: texts.title, main, width: 'wide' };
}

const UNITS: Readonly<Record<keyof HealthPlots, string>> = {
  paymentsPerMinute: '',
  paidPercent: '%',
  callsPerMinute: '',
  medianMs: 'ms',
  maxMs: 'ms',
  failedPercent: '%',
};

function renderPlots(plots: HealthPlots, texts: Texts, language: Language): readonly Html[] {
  return (Object.keys(UNITS) as (keyof HealthPlots)[]).map((name) =>
    plot(
      {
        title: texts.plots[name],
        explanation: texts.explanations[name],
        points: plots[name],
        unit: UNITS[name],
        max: UNITS[name] === '%' ? 100 : undefined,
      },
      language,
    ),
  );
}

function renderWorkers({ backlog, now }: Health, texts: Texts, language: Language): Html {
  return table({
    caption: texts.workersCaption,
    columns: [
      { label: texts.worker },
      { label: texts.state },
      { label: texts.due, isNumber: true },
      { label: texts.oldest },
    ],
    rows: backlog.map(({ worker, due, oldest }) => {
      const tone = toneOfAge(oldest, now);
      return [
        texts.workerNames[worker] ?? worker,
        badge(texts.states[tone], tone),
        due.toLocaleString(language),
        oldest ? time(oldest) : '–',
      ];
    }),
    empty: texts.noneWaits,
  });
}

function renderWaiting({ waiting }: Health, texts: Texts, language: Language): Html {
  return table({
    caption: texts.deliveriesCaption,
    columns: [
      { label: texts.endpoint },
      { label: texts.merchant },
      { label: texts.status },
      { label: texts.pending, isNumber: true },
      { label: texts.oldest },
    ],
    rows: waiting.map((row) => {
      const count = row.pending.toLocaleString(language);
      return [
        html`<a href="/endpoints/${row.endpointId}">${shownUrl(row.url)}</a>`,
        html`<a href="/merchants/${encodeURIComponent(row.merchantId)}">${row.merchantId}</a>`,
        statusBadge(
          row.status === 'enabled' && row.isSuspended ? 'suspended' : row.status,
          endpointTexts(language),
        ),
        row.pending >= MAX_COUNTED ? texts.atLeast(count) : count,
        time(row.oldestAt),
      ];
    }),
    empty: texts.deliveriesNone,
  });
}
