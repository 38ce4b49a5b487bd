/**
 * The figures of this moment.
 */
import type { Html } from '../../../../lib/html.ts';
import type { Health } from '../../../../services/operator/health/read-health.ts';
import { type Tone, time } from '../../components/basics.ts';
import { type Figure, figures } from '../../components/page.ts';
import type { healthTexts } from '../../texts/gateway/health.ts';
import type { Language } from '../../texts/language.ts';

type Texts = ReturnType<typeof healthTexts>;

/** Work is due for a moment before a worker takes it; beyond this it is late, as the alert in the operations guide has it. */
const LATE_MS = 30_000;
const SOON_MS = 5_000;
/** PayPay completes a refund within minutes; one that waits for longer needs somebody. */
const REFUND_LATE_MS = 3_600_000;
const SLOW_DATABASE_MS = 100;

/** @param at since when the oldest waits */
export function toneOfAge(at: Date | undefined, now: Date, lateMs = LATE_MS): 'good' | 'waiting' | 'bad' {
  const ageMs = at ? now.getTime() - at.getTime() : 0;
  if (ageMs > lateMs) {
    return 'bad';
  }
  return ageMs > SOON_MS ? 'waiting' : 'good';
}

export function renderNow(health: Health, texts: Texts, language: Language): Html {
  return figures([
    ...health.circuits.map(({ state }) => circuitFigure(state, texts)),
    sequencerFigure(health, texts, language),
    refundFigure(health, texts),
    {
      label: texts.orphaned,
      value: health.orphaned.toLocaleString(language),
      below: texts.orphanedHint,
      href: health.orphaned > 0 ? '/inbox?status=orphaned' : undefined,
      tone: health.orphaned > 0 ? 'bad' : 'good',
    },
    endpointsFigure(health, texts),
    databaseFigure(health, texts, language),
  ]);
}

function circuitFigure(state: Health['circuits'][number]['state'], texts: Texts): Figure {
  if (!state) {
    return { label: texts.circuit, value: texts.circuitStates.none, below: texts.thisProcess, tone: 'ended' };
  }
  const { isOpen, openMerchants, failures } = state;
  const explanation =
    openMerchants > 0 ? texts.circuitMerchants(openMerchants) : texts.circuitFailures(failures);
  const tone: Tone = isOpen ? 'bad' : openMerchants > 0 ? 'waiting' : 'good';
  return {
    label: texts.circuit,
    value: isOpen ? texts.circuitStates.open : texts.circuitStates.closed,
    below: `${tone === 'good' && failures === 0 ? texts.circuitOk : explanation}. ${texts.thisProcess}`,
    tone,
  };
}

function sequencerFigure({ oldest, now, position }: Health, texts: Texts, language: Language): Figure {
  const tone = toneOfAge(oldest.change, now);
  const seconds = oldest.change
    ? Math.max(0, Math.round((now.getTime() - oldest.change.getTime()) / 1_000))
    : 0;
  return {
    label: texts.sequencer,
    value: tone === 'good' ? texts.upToDate : texts.sequencerLag(seconds),
    below: texts.position(position.toLocaleString(language)),
    tone,
  };
}

function refundFigure({ oldest, now }: Health, texts: Texts): Figure {
  return {
    label: texts.refunds,
    value: oldest.refund ? time(oldest.refund) : texts.noneWaits,
    href: oldest.refund && '/refunds?status=pending',
    tone: toneOfAge(oldest.refund, now, REFUND_LATE_MS),
  };
}

function endpointsFigure({ endpoints }: Health, texts: Texts): Figure {
  const counts = new Map(endpoints.map(({ state, count }) => [state, count]));
  const troubled = ['suspended', 'disabled'].filter((state) => (counts.get(state) ?? 0) > 0);
  const others = ['suspended', 'paused', 'disabled'].filter((state) => (counts.get(state) ?? 0) > 0);
  const worded = (state: string) => `${counts.get(state) ?? 0} ${texts.endpointStates[state] ?? state}`;
  return {
    label: texts.endpoints,
    value: worded('enabled'),
    below: others.length > 0 ? others.map(worded).join(', ') : undefined,
    href: '/endpoints',
    tone: troubled.length > 0 ? 'waiting' : 'good',
  };
}

function databaseFigure({ database }: Health, texts: Texts, language: Language): Figure {
  const { roundTripMs, connections } = database;
  const { used, free, awaited } = connections;
  return {
    label: texts.database,
    value: texts.milliseconds(roundTripMs.toLocaleString(language, { maximumFractionDigits: 1 })),
    below: texts.connections(used, used + free, awaited),
    tone: roundTripMs > SLOW_DATABASE_MS || awaited > 0 ? 'waiting' : 'good',
  };
}
