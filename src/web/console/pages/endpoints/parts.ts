/**
 * How endpoints, deliveries and foreign texts are shown.
 */
import type { DeliveryStatus } from '../../../../domain/webhook-delivery.ts';
import {
  type EndpointStatus,
  shownStatus,
  type WebhookEndpoint,
} from '../../../../domain/webhook-endpoint.ts';
import { type Html, html } from '../../../../lib/html.ts';
import { badge, type Tone } from '../../components/basics.ts';
import type { endpointTexts } from '../../texts/gateway/endpoints.ts';

export type Texts = ReturnType<typeof endpointTexts>;

const ENDPOINT_TONES: Readonly<Record<EndpointStatus | 'suspended', Tone>> = {
  enabled: 'good',
  suspended: 'bad',
  paused: 'ended',
  disabled: 'bad',
};

const DELIVERY_TONES: Readonly<Record<DeliveryStatus, Tone>> = {
  pending: 'waiting',
  succeeded: 'good',
  failed: 'bad',
};

export function endpointBadge(endpoint: Pick<WebhookEndpoint, 'status' | 'health'>, texts: Texts): Html {
  return statusBadge(shownStatus(endpoint), texts);
}

export function statusBadge(status: EndpointStatus | 'suspended', texts: Texts): Html {
  return badge(texts.statuses[status], ENDPOINT_TONES[status]);
}

export function deliveryBadge(status: DeliveryStatus, texts: Texts): Html {
  return badge(texts.deliveryStatuses[status], DELIVERY_TONES[status]);
}

/** Without the query, which may be a secret of the merchant. */
export function shownUrl(url: string): string {
  const [address = ''] = url.split('?');
  return url.length > address.length ? `${address}?…` : address;
}

const SHOWN_BYTES = 16_384;

/** JSON in lines, or the text as it is; never more than a page can bear. */
export function renderBody(text: string, texts: Pick<Texts, 'cut'>): Html {
  const shown = text.length > SHOWN_BYTES ? text.slice(0, SHOWN_BYTES) : inLines(text);
  return html`<pre class="body" tabindex="0">${shown}</pre>${
    text.length > SHOWN_BYTES && html`<p class="hint">${texts.cut(SHOWN_BYTES / 1_024)}</p>`
  }`;
}

function inLines(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
