/**
 * The inbox of the provider's webhooks, for operators.
 */
import {
  findInboxWebhook,
  type InboxFilter,
  listInbox as listStored,
  type ShownWebhook,
} from '../../../store/operator/inbox.ts';
import type { ServiceDeps } from '../../deps.ts';
import { PAGE_SIZE, type Page, toPage } from '../page.ts';

export type { ShownWebhook };

/** More than any webhook of the provider has; what anybody else may send is no longer either. */
const MAX_SHOWN_BYTES = 16_384;
/** Names of JSON properties whose values are not shown. */
const SECRET = /secret|token|password|authorization|credential|signature|api_?key/i;
const HIDDEN = '•••';

export async function listInbox(
  { db }: Pick<ServiceDeps, 'db'>,
  filter: Omit<InboxFilter, 'limit'>,
): Promise<Page<ShownWebhook>> {
  const found = await listStored(db, { ...filter, limit: PAGE_SIZE + 1 });
  return toPage(found, ({ id }) => String(id));
}

export interface InboxDetails {
  readonly webhook: ShownWebhook;
  /** JSON without secrets, or the text that was sent. */
  readonly content: string;
  readonly isCut: boolean;
}

export async function showInboxWebhook(
  { db }: Pick<ServiceDeps, 'db'>,
  id: number,
): Promise<InboxDetails | undefined> {
  const found = await findInboxWebhook(db, id, MAX_SHOWN_BYTES);
  return (
    found && {
      webhook: found.webhook,
      content: withoutSecrets(found.body.toString('utf8')),
      isCut: found.size > MAX_SHOWN_BYTES,
    }
  );
}

/** What is no JSON, or was cut, is shown as it is without its secrets, as far as they can be recognised. */
function withoutSecrets(text: string): string {
  try {
    const hide = (name: string, value: unknown) =>
      SECRET.test(name) && value !== null && typeof value !== 'object' ? HIDDEN : value;
    return JSON.stringify(JSON.parse(text, hide), null, 2);
  } catch {
    const assigned = new RegExp(
      `("[^"]{0,64}(?:${SECRET.source})[^"]{0,64}"\\s*:\\s*)("[^"]*"?|[^",}\\s]+)`,
      'gi',
    );
    return text.replace(assigned, `$1"${HIDDEN}"`);
  }
}
