import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findShop } from '../../../src/store/merchants.ts';
import { listMerchantEvents } from '../../../src/store/sync/merchant-events.ts';
import { type Credentials, startTestGateway, type TestGateway } from '../../support/gateway.ts';

let gateway: TestGateway;
let upstream: Credentials;

beforeAll(async () => {
  gateway = await startTestGateway();
  upstream = await gateway.newSyncKey();
});
afterAll(() => gateway.close());

const sync = (merchants: unknown, as: Credentials | undefined = upstream) =>
  gateway.request('POST', '/v1/sync/merchants', { ...(as && { as }), body: { merchants } });
const config = (merchantId: string, isActive = true) => ({
  provider: 'PAYPAY',
  is_active: isActive,
  credentials: { merchant_id: merchantId },
});
const rows = (table: string, where: object) =>
  gateway.database.db(table).select('*', gateway.database.db.raw('xmin::text')).where(where);

describe('POST /v1/sync/merchants', () => {
  it("stores the reference's own example and counts what it contains", async () => {
    const { status, body } = await sync([
      {
        id: 'merchant_001',
        name: 'Example Restaurant Chain',
        stores: [
          {
            id: 'store_001',
            name: 'Tokyo Branch',
            payment_processor_configs: [config('paypay_merchant_123')],
          },
        ],
      },
    ]);
    expect([status, body]).toEqual([200, { synced_merchants: 1, synced_stores: 1 }]);
  });

  it('updates what changed, leaves the rest unwritten, and keeps what the payload omits', async () => {
    const stores = [
      { id: 's1', name: 'One', payment_processor_configs: [config('pp1')] },
      { id: 's2', name: 'Two', payment_processor_configs: [config('pp2')] },
    ];
    await sync([{ id: 'm_upsert', name: 'Before', stores }]);
    const [before] = await rows('stores', { merchant_id: 'm_upsert', id: 's1' });
    const [configBefore] = await rows('payment_processor_configs', {
      merchant_id: 'm_upsert',
      store_id: 's1',
    });
    await sync([{ id: 'm_upsert', name: 'After', stores: [stores[0]] }]);
    const [after] = await rows('stores', { merchant_id: 'm_upsert', id: 's1' });
    const [configAfter] = await rows('payment_processor_configs', {
      merchant_id: 'm_upsert',
      store_id: 's1',
    });
    expect([after.xmin, configAfter.xmin]).toEqual([before.xmin, configBefore.xmin]);
    expect(await rows('merchants', { id: 'm_upsert' })).toMatchObject([{ name: 'After' }]);
    expect(await rows('stores', { merchant_id: 'm_upsert' })).toHaveLength(2);
  });

  it('encrypts credentials at rest', async () => {
    await sync([
      {
        id: 'm_secret',
        name: 'M',
        stores: [{ id: 's', name: 'S', payment_processor_configs: [config('very-visible')] }],
      },
    ]);
    const [row] = await rows('payment_processor_configs', { merchant_id: 'm_secret' });
    expect(row.credentials.toString('latin1')).not.toContain('very-visible');
  });

  it('is all or nothing: a repeated id anywhere stores nothing', async () => {
    const repeated = {
      id: 'm_new',
      name: 'New',
      stores: [
        { id: 's', name: 'S' },
        { id: 's', name: 'S' },
      ],
    };
    const { status, body } = await sync([{ id: 'm_other', name: 'Other' }, repeated]);
    expect([status, body.details.field, body.details.constraint]).toEqual([
      400,
      'merchants.1.stores.1.id',
      'unique',
    ]);
    expect(await rows('merchants', { id: 'm_other' })).toEqual([]);
    const twice = await sync([
      { id: 'm_new', name: 'A' },
      { id: 'm_new', name: 'B' },
    ]);
    expect(twice.body.details.field).toBe('merchants.1.id');
  });

  it('refuses a repeated origin', async () => {
    const origins = ['https://shop.example', 'https://shop.example'];
    const { status, body } = await sync([{ id: 'm', name: 'M', checkout_frame_ancestors: origins }]);
    expect([status, body.details.field, body.details.constraint]).toEqual([
      400,
      'merchants.0.checkout_frame_ancestors',
      'unique',
    ]);
  });

  it('null in an optional field, at any depth, is the same as no field', async () => {
    const stores = [{ id: 's', name: 'S', time_zone: 'Europe/Paris' }];
    await sync([{ id: 'm_null', name: 'M', checkout_frame_ancestors: ['https://shop.example'], stores }]);
    const store = { id: 's', name: 'S', time_zone: null, payment_processor_configs: null };
    const merchant = { id: 'm_null', name: 'M', checkout_frame_ancestors: null, stores: [store] };
    expect((await sync([merchant, { id: 'm_null_2', name: 'M', stores: null }])).status).toBe(200);
    expect((await rows('stores', { merchant_id: 'm_null' }))[0].time_zone).toBe('Europe/Paris');
    const { body } = await sync([{ ...merchant, stores: [null] }]);
    expect(body.details.field).toBe('merchants.0.stores.0');
  });

  it('keeps of the branding what a payload omits, removes what is an empty text, and records each change', async () => {
    const branding = {
      display_name: '炭火焼鳥 とり源',
      logo_url: 'https://shop.example/logo.png',
      accent_color: '#B3261E',
      support_phone: '+81 3-1234-5678',
      support_email: 'help@shop.example',
    };
    const stored = async () => (await rows('merchants', { id: 'm_brand' }))[0];
    await sync([{ id: 'm_brand', name: 'M', branding }]);
    expect(await stored()).toMatchObject({ ...branding, accent_color: '#b3261e' });
    await sync([{ id: 'm_brand', name: 'M' }]);
    await sync([{ id: 'm_brand', name: 'M', branding: { display_name: null, support_phone: '' } }]);
    await sync([{ id: 'm_brand', name: 'M', branding: { logo_url: 'https://shop.example/2.png' } }]);
    expect(await stored()).toMatchObject({
      ...branding,
      accent_color: '#b3261e',
      logo_url: 'https://shop.example/2.png',
      support_phone: null,
    });
    const shop = await findShop(gateway.database.db, 'm_brand', undefined);
    expect(shop?.branding).toEqual({
      displayName: branding.display_name,
      logoPath: undefined,
      accentColor: '#b3261e',
      supportPhone: undefined,
      supportEmail: branding.support_email,
    });
    const changes = await listMerchantEvents(gateway.database.db, 'm_brand');
    expect(changes.map(({ field, before, after }) => [field, before, after])).toEqual([
      ['upstream', null, expect.any(String)],
      ['name', null, 'M'],
      ['display_name', null, branding.display_name],
      ['logo_url', null, branding.logo_url],
      ['accent_color', null, '#b3261e'],
      ['support_phone', null, branding.support_phone],
      ['support_email', null, branding.support_email],
      ['support_phone', branding.support_phone, null],
      ['logo_url', branding.logo_url, 'https://shop.example/2.png'],
    ]);
  });

  it.each([
    ['display_name', 'x'.repeat(81), 'max_length'],
    ['display_name', ' ', 'pattern'],
    ['logo_url', 'ftp://shop.example/logo.png', 'pattern'],
    ['logo_url', 'http://shop.example/logo.png', 'https'],
    ['logo_url', 'https://a:b@shop.example/logo.png', 'credentials'],
    ['logo_url', 'https://shop.example:9443/logo.png', 'port'],
    ['logo_url', 'https://10.0.0.1/logo.png', 'public_address'],
    ['logo_url', 'https:///shop.example/logo.png', 'url'],
    ['accent_color', 'red', 'pattern'],
    ['accent_color', '#ffcc00', 'contrast'],
    ['support_phone', 'call us', 'pattern'],
    ['support_email', 'help at shop.example', 'pattern'],
    ['slogan', 'x', 'unknown_property'],
  ])('refuses the branding %s %s: %s', async (field, value, constraint) => {
    const { status, body } = await sync([
      { id: 'm_fine', name: 'Fine' },
      { id: 'm_plain', name: 'M', branding: { [field]: value } },
    ]);
    expect([status, body.details.field, body.details.constraint]).toEqual([
      400,
      `merchants.1.branding.${field}`,
      constraint,
    ]);
    expect(await rows('merchants', { id: 'm_fine' })).toEqual([]);
  });

  it('says how an accent color that is too light must be changed', async () => {
    const { body } = await sync([{ id: 'm', name: 'M', branding: { accent_color: '#ffcc00' } }]);
    expect(body.message).toBe(
      'Accent color #ffcc00 has a contrast of 1.51:1 to the white of the page, and needs 3:1: use a darker color',
    );
  });

  it('reports a nested fault with its path', async () => {
    const { body } = await sync([
      {
        id: 'm',
        name: 'M',
        stores: [{ id: 's', name: 'S', payment_processor_configs: [{ ...config('x'), provider: 'STRIPE' }] }],
      },
    ]);
    expect(body.details).toMatchObject({
      field: 'merchants.0.stores.0.payment_processor_configs.0.provider',
      constraint: 'enum',
    });
    expect((await sync([{ id: 'm', name: 'M', extra: 1 }])).body.details).toMatchObject({
      field: 'merchants.0.extra',
      constraint: 'unknown_property',
    });
  });

  it('lets two merchants have stores with the same id', async () => {
    const stores = [{ id: 'same', name: 'Same' }];
    expect(
      (
        await sync([
          { id: 'm_a', name: 'A', stores },
          { id: 'm_b', name: 'B', stores },
        ])
      ).body.synced_stores,
    ).toBe(2);
  });

  it('accepts thousands of stores in one request', async () => {
    const stores = Array.from({ length: 5_000 }, (_, index) => ({
      id: `store_${index}`,
      name: `Store ${index}`,
      payment_processor_configs: [config(`pp_${index}`)],
    }));
    const { body } = await sync([{ id: 'm_large', name: 'Large', stores }]);
    expect(body).toEqual({ synced_merchants: 1, synced_stores: 5_000 });
  });

  it('needs an upstream key: without one it is 401, with a merchant key 403', async () => {
    const anonymous = await gateway.request('POST', '/v1/sync/merchants', { body: { merchants: [] } });
    expect(anonymous.status).toBe(401);
    expect((await sync([], await gateway.newMerchant())).status).toBe(403);
    expect((await sync([])).body).toEqual({ synced_merchants: 0, synced_stores: 0 });
  });

  it('an inactive or missing configuration cannot be paid with', async () => {
    const merchant = await gateway.newMerchant();
    await sync([
      {
        id: merchant.merchantId,
        name: 'M',
        stores: [{ id: merchant.storeId, name: 'S', payment_processor_configs: [config('x', false)] }],
      },
    ]);
    const { status, body } = await gateway.confirm(await gateway.newIntent(merchant));
    expect([status, body.details.field, body.details.constraint]).toEqual([
      400,
      'provider',
      'not_configured',
    ]);
  });
});
