/**
 * What the payment page shows of a payment, from sample payments: the way back, the shop's branding, cash beside the QR, the
 * end, the receipt, and the words at a till.
 */
import { describe, expect, it } from 'vitest';
import type { Branding } from '../../../src/domain/branding.ts';
import type { PaymentIntent } from '../../../src/domain/payment.ts';
import type { ShownPayment } from '../../../src/services/operations/show-payment-page.ts';
import { renderPaymentPage } from '../../../src/web/checkout/page.ts';
import { type PageOptions, viewPayment } from '../../../src/web/checkout/view.ts';
import { NO_BRANDING, sampleIntent } from '../../support/sample-payment.ts';

const ID = 'pi_01JHMB5V00ZX8Y7W6V5T4S3R2Q';
const NOW = new Date('2026-11-28T05:00:00Z');
const OPTIONS: PageOptions = { language: 'en', display: undefined, paymentToken: 'secret', isSandbox: false };
const TILL: PageOptions = { ...OPTIONS, display: 'till' };
const SANDBOX: PageOptions = { ...OPTIONS, isSandbox: true };
const OPEN = { status: 'requires_payment_method' } as const;
const PAID = {
  status: 'succeeded',
  succeededAt: NOW,
  paymentMethodType: 'qr_mpm',
  amountCaptured: 1_000,
} as const;
const FAILED = { ...OPEN, lastPaymentError: { code: 'payment_failed', message: '' } };
const BRANDING: Branding = {
  displayName: 'Torigen',
  logoPath: '/logos/abc.png',
  accentColor: '#1f3d7a',
  supportPhone: '03-1234-5678',
  supportEmail: 'help+pay@shop.example.com',
};

function shownWith(fields: Partial<PaymentIntent>, more: Partial<ShownPayment> = {}): ShownPayment {
  const intent = sampleIntent(NOW, fields);
  const shop = { merchantName: 'Test Merchant', storeName: 'Test Store', timeZone: 'Asia/Tokyo' };
  return {
    intent,
    shop: { ...shop, checkoutFrameAncestors: [], branding: NO_BRANDING },
    code: undefined,
    hadCode: true,
    isRenewing: false,
    refunds: { succeeded: 0, pending: 0 },
    payableMethods: intent.paymentMethodTypes,
    now: NOW,
    ...more,
  };
}

function withCode(deeplink: string): ShownPayment {
  const expiresAt = new Date(NOW.getTime() + 300_000);
  const code = { intentId: ID, provider: 'PAYPAY', qrContent: 'https://qr.example', deeplink, expiresAt };
  return shownWith({ status: 'requires_action' }, { code } as Partial<ShownPayment>);
}

const see = (shown: ShownPayment, options = OPTIONS) =>
  renderPaymentPage(viewPayment(shown, options), '<svg/>');
const branded = (fields: Partial<PaymentIntent>, branding: Partial<Branding> = {}) => {
  const shown = shownWith(fields);
  return { ...shown, shop: { ...shown.shop, branding: { ...BRANDING, ...branding } } };
};

describe('the way back to the shop', () => {
  const linkFor = (returnUrl: string | undefined, fields: Partial<PaymentIntent> = PAID, options = OPTIONS) =>
    viewPayment(shownWith({ ...fields, returnUrl }), options).returnTo;

  it.each([
    ['https://shop.example/done', `https://shop.example/done?payment_intent_id=${ID}&status=succeeded`],
    [
      'https://shop.example/done?order=7&sig=a%20b%2Bc',
      `https://shop.example/done?order=7&sig=a%20b%2Bc&payment_intent_id=${ID}&status=succeeded`,
    ],
    ['https://shop.example/#/done', `https://shop.example/?payment_intent_id=${ID}&status=succeeded#/done`],
  ])('appends id and status to %s, and keeps its query as it is', (returnUrl, link) => {
    expect(linkFor(returnUrl)).toBe(link);
  });

  it.each(['http://shop.example/done', 'javascript:alert(1)', 'data:text/html,x', 'no address', ''])(
    'is not there for %s, which is not https',
    (returnUrl) => {
      expect(linkFor(returnUrl)).toBeUndefined();
    },
  );

  it('leads to a shop in development on this machine, where payments are simulated', () => {
    const link = `http://localhost:3000/done?payment_intent_id=${ID}&status=succeeded`;
    expect(linkFor('http://localhost:3000/done', PAID, SANDBOX)).toBe(link);
  });

  it('is there after every end, and not before it or on a till', () => {
    const url = 'https://shop.example/';
    expect(linkFor(url, { status: 'cancelled', cancelledAt: NOW })).toMatch(/status=cancelled$/);
    expect(linkFor(url, { status: 'expired', expiredAt: NOW })).toMatch(/status=expired$/);
    expect([linkFor(url, OPEN), linkFor(url, FAILED), linkFor(url, { status: 'processing' })]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(linkFor(url, PAID, TILL)).toBeUndefined();
    expect(see(shownWith({ ...PAID, returnUrl: url }))).toContain('>Back to the shop</a>');
  });
});

describe('the end', () => {
  it.each(['cancelled', 'expired'] as const)('%s: the amount is no longer called due', (status) => {
    const body = see(shownWith({ status }));
    expect(body).toContain('Amount (no longer due)');
    expect(body).toContain('class="amount closed"');
    expect(body).not.toContain('Amount due');
  });

  it('has the time of payment in the shop, and the date once it may be another day', () => {
    expect(viewPayment(shownWith(PAID), OPTIONS).live).toEqual({
      order: 'order_1',
      paidAt: '14:00',
      timeZone: 'Asia/Tokyo',
    });
    const nextDay = new Date(NOW.getTime() + 86_400_000);
    expect(viewPayment(shownWith(PAID, { now: nextDay }), OPTIONS).live?.paidAt).toBe(
      '28 November 2026 at 14:00',
    );
  });

  it("has PayPay's number of the payment on the receipt, if the payment has one", () => {
    const shown = shownWith({ ...PAID, providerPaymentId: '04912345678901234567' });
    expect(see(shown)).toContain('<dt>PayPay payment no.</dt><dd>04912345678901234567</dd>');
    expect(see(shownWith(PAID))).not.toContain('PayPay payment no.');
  });
});

describe('the branding', () => {
  it('is there with name, logo, support and accent', () => {
    const body = see(branded(PAID));
    for (const text of [
      '<strong>Torigen</strong>',
      '<img src="/logos/abc.png" alt="">',
      '<a href="tel:0312345678">03-1234-5678</a>',
      '<a href="mailto:help%2Bpay@shop.example.com">help+pay@shop.example.com</a>',
      '<style>:root{--accent:#1f3d7a;',
    ]) {
      expect(body).toContain(text);
    }
    expect(body).not.toContain('Test Merchant');
  });

  it('can be partly there', () => {
    const nothing = {
      displayName: undefined,
      logoPath: undefined,
      accentColor: undefined,
      supportPhone: undefined,
      supportEmail: undefined,
    };
    const body = see(branded(PAID, nothing));
    expect(body).toContain('<strong>Test Merchant</strong>');
    expect(body).toContain('<footer></footer>');
    expect(body).not.toMatch(/<img|<style/);
  });

  it('is on the till too, without what only a payer can use', () => {
    const body = see(branded(PAID), TILL);
    expect(body).toContain('<img src="/logos/abc.png" alt="">');
    expect(body).toContain('<strong>Torigen</strong>');
    expect(body).not.toContain('03-1234-5678');
  });

  it('escapes every text of it', () => {
    const evil = '"><script>alert(1)</script>';
    const body = see(
      branded(PAID, {
        displayName: evil,
        logoPath: evil,
        supportPhone: evil,
        supportEmail: evil,
        accentColor: evil,
      }),
    );
    expect(body).not.toContain('<script>alert');
    expect(body).not.toContain('<style');
  });
});

describe('cash', () => {
  const BOTH = ['qr_mpm', 'cash'] as const;
  const NOTE = 'You can also pay in cash at the till.';

  it('is offered beside the QR while the payment is open, and not without it or after the end', () => {
    const bodyOf = (fields: Partial<PaymentIntent>) => see(shownWith(fields));
    expect(bodyOf({ ...OPEN, paymentMethodTypes: [...BOTH] })).toContain(NOTE);
    expect(bodyOf({ ...FAILED, paymentMethodTypes: [...BOTH] })).toContain(NOTE);
    expect(see(shownWith({ ...OPEN, paymentMethodTypes: [...BOTH] }), TILL)).toContain(NOTE);
    expect(bodyOf(OPEN)).not.toContain(NOTE);
    expect(bodyOf({ ...OPEN, paymentMethodTypes: ['cash'] })).not.toContain(NOTE);
    expect(bodyOf({ ...PAID, paymentMethodTypes: [...BOTH] })).not.toContain(NOTE);
  });
});

describe('test mode', () => {
  it.each([
    ['the page', SANDBOX],
    ["a till's display", { ...SANDBOX, display: 'till' } as const],
  ])('is marked on %s and on the receipt, and nowhere else', (_, options) => {
    const body = see(shownWith(PAID), options);
    expect(body).toContain('<strong>Test mode</strong> No real money moves.');
    expect(body).toContain('Test receipt: no money was paid.');
    expect(see(shownWith(PAID))).not.toContain('No real money moves.');
    expect(see(shownWith(PAID))).not.toContain('Test receipt');
  });

  it("opens the sandbox's page without a certificate, which real payments never do", () => {
    const shown = withCode('http://192.168.0.2:8081/pay/x');
    expect(viewPayment(shown, SANDBOX).code?.deeplink).toBe('http://192.168.0.2:8081/pay/x');
    expect(viewPayment(shown, OPTIONS).code?.deeplink).toBeUndefined();
    expect(viewPayment(withCode('javascript:alert(1)'), SANDBOX).code?.deeplink).toBeUndefined();
  });

  it('shows the QR to everybody where there is no app to open', () => {
    const body = see(withCode('javascript:alert(1)'));
    expect(body).not.toMatch(/<details|class="own"/);
    expect(body).toContain('class="qr"');
  });
});

describe("a till's display", () => {
  it('advises the staff, requests the next code by itself, and never asks to press a button', () => {
    const body = see(shownWith(FAILED), TILL);
    expect(body).toContain('<strong>For staff</strong> A new QR code will appear automatically.');
    expect(body).toContain('data-auto="15"');
    for (const text of [body, see(shownWith(OPEN), TILL), see(shownWith({ status: 'expired' }), TILL)]) {
      expect(text).not.toMatch(/press|try again,|show this screen/i);
    }
    expect(see(shownWith(FAILED))).not.toContain('data-auto');
  });

  it('does not say that no money was taken when it was taken and refunded', () => {
    const returned = { ...OPEN, lastPaymentError: { code: 'payment_returned', message: '' } };
    const { title, hint } = viewPayment(shownWith(returned), TILL);
    expect([title, hint]).toEqual([
      'Your payment was refunded',
      'The amount you paid has been refunded to you in PayPay.',
    ]);
  });

  it('has other words than the page of a payer who holds a phone', () => {
    expect(viewPayment(shownWith(PAID), TILL).hint).toBe('Thank you.');
    expect(viewPayment(shownWith(PAID), OPTIONS).hint).toBe(
      'The shop has been notified. At the counter, staff can see it on the till.',
    );
  });
});
