/**
 * The sample payments of the screenshots: one for each state of the payment page, and for what shops and texts can differ in.
 */
import type { Branding } from '../../src/domain/branding.ts';
import type { PaymentIntent } from '../../src/domain/payment.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { ShownPayment } from '../../src/services/operations/show-payment-page.ts';
import type { Language } from '../../src/web/checkout/texts/types.ts';
import { NO_BRANDING, sampleIntent } from '../../test/support/sample-payment.ts';

export const ID = 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q';
export const LOGO_PATH = '/logos/sample.svg';

const now = systemClock.now();
const CODE_MS = 300_000;
const URGENT_CODE_MS = 24_000;

export interface Sample extends Partial<PaymentIntent> {
  /** How long the code can still be paid; undefined when there is none. */
  readonly codeMs?: number;
  readonly refunds?: ShownPayment['refunds'];
  readonly isBranded?: boolean;
  readonly isSandbox?: boolean;
  /** Long names of merchant, store and order. */
  readonly isLong?: boolean;
}

const OPEN = { status: 'requires_payment_method' } as const;
const SCAN = { status: 'requires_action', codeMs: CODE_MS } as const;
const PAID = {
  status: 'succeeded',
  succeededAt: now,
  paymentMethodType: 'qr_mpm',
  providerPaymentId: '04912345678901234567',
  amountCaptured: 12_480,
  returnUrl: 'https://shop.example.com/orders/12345?from=pay',
} as const;

/** By the name that the picture has. */
export const SAMPLES: Readonly<Record<string, Sample>> = {
  ready: OPEN,
  scan: SCAN,
  scan_urgent: { ...SCAN, codeMs: URGENT_CODE_MS },
  scan_or_cash: { ...SCAN, paymentMethodTypes: ['qr_mpm', 'cash'] },
  scan_branded: { ...SCAN, isBranded: true },
  scan_sandbox: { ...SCAN, isSandbox: true },
  scan_long: { ...SCAN, isLong: true, amount: 99_999_999 },
  processing: { status: 'processing' },
  failed: { ...OPEN, lastPaymentError: { code: 'payment_failed', message: '' } },
  paid: PAID,
  paid_branded: { ...PAID, isBranded: true },
  paid_sandbox: { ...PAID, isSandbox: true, isBranded: true },
  paid_long: { ...PAID, isLong: true, amountCaptured: 99_999_999 },
  refund_pending: { ...PAID, amountRefunded: 4_980, refunds: { succeeded: 1_480, pending: 3_500 } },
  partly_refunded: { ...PAID, amountRefunded: 1_480, refunds: { succeeded: 1_480, pending: 0 } },
  refunded: { ...PAID, amountRefunded: 12_480, refunds: { succeeded: 12_480, pending: 0 } },
  cancelled: { status: 'cancelled', cancelledAt: now, returnUrl: PAID.returnUrl },
  expired: { status: 'expired', expiredAt: now },
  cash: { ...OPEN, paymentMethodTypes: ['cash'] },
};

const BRANDING: Branding = {
  displayName: undefined,
  logoPath: LOGO_PATH,
  accentColor: '#1f3d7a',
  supportPhone: '03-1234-5678',
  supportEmail: 'help@torigen.example.com',
};

const TEXTS = {
  ja: {
    merchant: '炭火焼鳥 とり源',
    store: '神田店',
    description: '焼き鳥盛り合わせ ほか3点',
    longMerchant:
      '株式会社とり源ホールディングス炭火焼鳥専門店 東京駅前グランドタワー商業施設内フードコート運営本部',
    longStore: '東京駅前グランドタワー地下二階フードコート南側入口横テイクアウト専用カウンター',
    longDescription:
      '焼き鳥盛り合わせ特上コース十二本入り（たれ・塩）、季節の野菜の炭火焼き、鶏スープ茶漬け ほか三十七点',
  },
  en: {
    merchant: 'Torigen Yakitori',
    store: 'Kanda',
    description: 'Yakitori platter and 3 more',
    longMerchant:
      'Torigen Holdings Charcoal Grilled Chicken and Seasonal Vegetable Restaurants of Greater Tokyo',
    longStore:
      'Tokyo Station Grand Tower, second basement, food court, take-away counter at the south entrance',
    longDescription:
      'Yakitori platter with twelve skewers, half salt and half sauce, seasonal vegetables from the grill and thirty-seven more',
  },
} as const;

/** The payment of a sample as the page receives it. */
export function showSample(name: string, language: Language): ShownPayment {
  const {
    codeMs,
    refunds = { succeeded: 0, pending: 0 },
    isBranded,
    isSandbox,
    isLong,
    ...fields
  } = SAMPLES[name] ?? {};
  const texts = TEXTS[language];
  const description = isLong ? texts.longDescription : texts.description;
  const intent = sampleIntent(now, {
    id: ID,
    merchantRefId: 'order_12345',
    amount: 12_480,
    description,
    ...fields,
  });
  return {
    intent,
    payableMethods: intent.paymentMethodTypes,
    shop: {
      merchantName: isLong ? texts.longMerchant : texts.merchant,
      storeName: isLong ? texts.longStore : texts.store,
      timeZone: 'Asia/Tokyo',
      checkoutFrameAncestors: [],
      branding: isBranded ? BRANDING : NO_BRANDING,
    },
    code: codeMs === undefined ? undefined : codeOf(codeMs),
    hadCode: true,
    isRenewing: false,
    refunds,
    now,
  };
}

function codeOf(codeMs: number): NonNullable<ShownPayment['code']> {
  return {
    intentId: ID,
    provider: 'PAYPAY',
    qrContent: 'https://qr.paypay.ne.jp/28180104AbCdEfGhIjKlMnOp',
    deeplink: 'paypay://payment?link_key=https%3A%2F%2Fqr.paypay.ne.jp%2F28180104AbCdEfGhIjKlMnOp',
    expiresAt: new Date(now.getTime() + codeMs),
  };
}
