/**
 * The texts of the payment page in English.
 */
import type { Texts } from './types.ts';

export const en: Texts = {
  locale: 'en-GB',
  name: 'English',
  languages: 'Language',
  states: {
    ready: { title: 'Pay with PayPay', hint: 'Show the QR code, then scan it with the PayPay app.' },
    scan: { title: 'Scan with PayPay', hint: 'Open the PayPay app and scan this QR code.' },
    processing: {
      title: 'Checking with PayPay',
      hint: 'Please wait a moment. You will not be charged twice.',
    },
    failed: {
      title: 'The payment did not go through',
      hint: 'No money was taken. Check your balance in the PayPay app, then try again.',
    },
    paid: {
      title: 'Payment complete',
      hint: 'You can close this page and return to the shop. At the counter, show this screen to the staff.',
    },
    cancelled: {
      title: 'This payment was cancelled',
      hint: 'If you have already paid, you will be refunded automatically. If you still want to pay, please ask the shop.',
    },
    expired: {
      title: 'This payment has expired',
      hint: 'No payment was received in time. If you still want to pay, please ask the shop.',
    },
    refund_pending: {
      title: 'Refund in progress',
      hint: 'The refund is not complete yet. This page will show when it is.',
    },
    partly_refunded: { title: 'Partly refunded', hint: 'If you have any questions, please ask the shop.' },
    refunded: { title: 'Refunded in full', hint: 'If you have any questions, please ask the shop.' },
    cash: {
      title: 'Please pay at the till',
      hint: 'This screen will change once the staff have received your payment.',
    },
  },
  codeRefused: {
    title: 'The QR code could not be shown',
    hint: 'No money was taken. Wait a moment and try again. If the problem persists, please ask the staff.',
  },
  renewing: { title: 'Preparing a new QR code', hint: 'The last one has expired. Please wait a moment.' },
  lapsed: {
    title: 'A new QR code is needed',
    hint: 'The last one can no longer be used. Press the button for a new one.',
  },
  returned: {
    title: 'Your payment was refunded',
    hint: 'The amount you paid has been refunded to you in PayPay.',
  },
  amountDue: 'Amount due',
  amountPaid: 'Paid',
  refundedOf: (refunded, paid) => `${refunded} of ${paid} refunded`,
  allRefunded: (amount) => `${amount} refunded`,
  refunding: (amount) => `${amount} being refunded`,
  details: 'Payment details',
  orderReference: 'Order',
  paidAt: 'Paid at',
  method: 'Method',
  cash: 'Cash',
  paymentId: 'Payment ID',
  timeLeft: 'Time left',
  validUntil: (time) => `Valid until ${time}`,
  payUntil: (time) => `Please pay by ${time}`,
  qrLabel: (amount) => `QR code to pay ${amount} with PayPay`,
  showQr: 'Show QR code',
  tryAgain: 'Try again',
  refresh: 'Show the latest status',
  openApp: 'Pay in the PayPay app',
  orScan: 'To pay from another device, scan this QR code',
  busy: 'Preparing your QR code…',
  print: 'Print receipt',
  receipt: 'Payment receipt',
  connectionLost: 'Connection lost. This page will update when you are back online; your payment is safe.',
  connectionBack: 'Connected again.',
  sandbox: 'Test mode. No real money moves.',
  sandboxPay: 'Try paying',
  errors: {
    link: {
      title: 'This link does not work',
      hint: 'It is incomplete or has expired. Please open the link from the shop again.',
    },
    unknown: { title: 'Payment not found', hint: 'Please check the link, or ask the shop.' },
    method: { title: 'This page cannot do that', hint: 'Please open the link from the shop again.' },
    request: {
      title: 'PayPay cannot be used here',
      hint: "The shop's settings need attention. Please ask the staff.",
    },
    unavailable: {
      title: 'PayPay cannot be reached',
      hint: 'Wait a moment, then try again. If you have already paid, this page will show it.',
    },
    busy: { title: 'Very busy right now', hint: 'Wait a moment, then try again.' },
    fault: {
      title: 'Something went wrong',
      hint: 'Wait a moment, then try again. If the problem persists, please ask the staff.',
    },
  },
};
