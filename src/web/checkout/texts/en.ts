/**
 * The texts of the payment page in English.
 */
import type { Texts, TillTexts } from './types.ts';

const till: TillTexts = {
  hints: {
    ready: 'Preparing the QR code…',
    scan: 'Open the PayPay app and scan the QR code.',
    processing: 'Please wait a moment.',
    failed: 'No money was taken. Please check your balance in the PayPay app.',
    paid: 'Thank you.',
    cancelled: 'Please ask the staff.',
    expired: 'Please ask the staff.',
    refund_pending: 'The refund is not complete yet.',
    partly_refunded: 'Thank you.',
    refunded: 'Thank you.',
    cash: 'Please hand your payment to the staff.',
    codeRefused: 'No money was taken.',
  },
  staff: 'For staff',
  advice: {
    failed: 'A new QR code will appear automatically. If none appears, start the payment again on the till.',
    cancelled: 'If the customer still wants to pay, start a new payment on the till.',
    expired: 'If the customer says they have paid, check the payment on the till before you start a new one.',
  },
  errorAdvice: {
    link: 'Show this payment again from the till.',
    unknown: 'Show this payment again from the till.',
    method: 'Show this payment again from the till.',
    request: 'PayPay is not set up for this store. Please contact your administrator.',
    unavailable: 'This display retries automatically. Before you take cash, cancel the payment on the till.',
    busy: 'This display retries automatically.',
    fault:
      'This display retries automatically. If the problem persists, start the payment again on the till.',
  },
};

export const en: Texts = {
  locale: 'en-GB',
  name: 'English',
  languages: 'Language',
  states: {
    ready: { title: 'Pay with PayPay', hint: 'Press the button to start the payment.' },
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
      hint: 'The shop has been notified. At the counter, staff can see it on the till.',
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
      hint: 'The refund is not complete yet. This page will update when it is.',
    },
    partly_refunded: { title: 'Partly refunded', hint: 'If you have any questions, please ask the shop.' },
    refunded: { title: 'Refunded in full', hint: 'If you have any questions, please ask the shop.' },
    cash: {
      title: 'Please pay at the till',
      hint: 'This screen will change once the staff have received your payment.',
    },
  },
  ownPhone: { title: 'Pay with PayPay', hint: 'Continue in the PayPay app, then come back to this page.' },
  codeRefused: {
    title: 'The payment could not be started',
    hint: 'No money was taken. Wait a moment and try again. If the problem persists, please ask the staff.',
  },
  renewing: { title: 'Preparing a new code', hint: 'The last one has expired. Please wait a moment.' },
  lapsed: {
    title: 'A new code is needed',
    hint: 'The last one can no longer be used. Press the button for a new one.',
  },
  returned: {
    title: 'Your payment was refunded',
    hint: 'The amount you paid has been refunded to you in PayPay.',
  },
  till,
  amountDue: 'Amount due',
  amountPaid: 'Paid',
  amountClosed: 'Amount (no longer due)',
  refundedOf: (refunded, paid) => `${refunded} of ${paid} refunded`,
  allRefunded: (amount) => `${amount} refunded`,
  refunding: (amount) => `${amount} being refunded`,
  details: 'Payment details',
  orderReference: 'Order',
  paidAt: 'Paid at',
  paidAtTime: 'Paid at',
  timeNow: 'Current time',
  method: 'Method',
  cash: 'Cash',
  providerPaymentId: 'PayPay payment no.',
  paymentId: 'Payment ID',
  timeLeft: 'Time left',
  validUntil: (time) => `Valid until ${time}`,
  payUntil: (time) => `Please pay by ${time}`,
  qrLabel: (amount) => `QR code to pay ${amount} with PayPay`,
  start: 'Start payment',
  tryAgain: 'Try again',
  refresh: 'Show the latest status',
  openApp: 'Pay with PayPay',
  otherDevice: 'Pay from another device',
  cashToo: 'You can also pay in cash at the till.',
  busy: 'Preparing your payment…',
  backToShop: 'Back to the shop',
  contact: 'Questions about your order?',
  print: 'Print receipt',
  receipt: 'Payment receipt',
  connectionLost: 'Connection lost. This page will update when you are back online; your payment is safe.',
  connectionBack: 'Connected again.',
  sandbox: 'Test mode',
  sandboxHint: 'No real money moves.',
  sandboxReceipt: 'Test receipt: no money was paid.',
  sandboxPay: 'Pay in the sandbox',
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
