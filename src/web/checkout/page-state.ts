/**
 * The states of the payment page.
 */

/**
 * - `ready`: nothing is live; the QR can be shown, and the script does so at once
 * - `scan`: a QR is live
 * - `processing`: the provider's answer is not known yet
 * - `failed`: the last try failed; another one is the payer's decision
 * - `paid`, `cancelled`, `expired`: the end
 * - `cash`: this payment takes no QR
 */
export type PageState =
  | 'ready'
  | 'scan'
  | 'processing'
  | 'failed'
  | 'paid'
  | 'cancelled'
  | 'expired'
  | 'cash';
