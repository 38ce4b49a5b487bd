/**
 * Which URLs the payment page may lead the payer back to. The contract has checked that it is an absolute URL in ASCII.
 */
import { type DomainError, invalidField } from '../errors.ts';

const FIELD = 'return_url';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The refusal of a return URL; undefined when it can be used.
 * @param isSandbox whether payments are simulated: then http on this machine is allowed, for shops in development
 */
export function findReturnUrlFault(text: string, isSandbox: boolean): DomainError | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // URL would read a backslash as a slash, so that the host is not the one that a person sees.
  if (!url || text.includes('\\')) {
    return invalidField(
      FIELD,
      'url',
      'Return url must be an absolute URL, such as https://shop.example/orders/1',
    );
  }
  if (url.username !== '' || url.password !== '') {
    return invalidField(FIELD, 'credentials', 'Return url must not contain a user name or password');
  }
  if (text.includes('#')) {
    const message =
      'Return url must not have a part after #, because payment_intent_id and status are appended to its query';
    return invalidField(FIELD, 'fragment', message);
  }
  const isLocal = isSandbox && LOOPBACK.test(url.hostname);
  return url.protocol === 'https:' || isLocal
    ? undefined
    : invalidField(FIELD, 'https', 'Return url must use https');
}
