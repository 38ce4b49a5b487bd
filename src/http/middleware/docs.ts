/**
 * `/docs`, `/openapi.yaml`, `/openapi.json` and `/openapi-3.1.yaml`, for people and generators, and `/`, which leads there.
 * They are not operations of the contract, so the response validator skips them; the rest of the pipeline (request id, rate limit, log) applies to them too.
 */
import Router from '@koa/router';
import { DomainError } from '../../domain/errors.ts';
import { createDocsSite, type DocsOptions, type DocsSite } from '../../web/docs/docs-site.ts';
import { pathIn } from '../../web/docs/links.ts';
import type { StaticFile } from '../../web/docs/static-file.ts';
import { statusOf } from '../errors.ts';
import type { RateLimits } from '../rate-limits/limits.ts';
import type { AppContext, Middleware, State } from '../state.ts';

/** Everything is served by the gateway itself, nothing is inline, and no page may be framed. */
const CONTENT_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  // The search loads its index.
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS = {
  'Content-Security-Policy': CONTENT_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Cache-Control': 'no-cache',
};

/** The address of an asset contains its version, so a cached copy never becomes stale. */
const FOR_EVER = 'public, max-age=31536000, immutable';

const OWN_PATHS = /^\/($|docs|openapi[.-])/;
const CONTRACT_PATH = /^\/openapi(\.yaml|\.json|-3\.1\.yaml)$/;

/** Whether a path is that of the contract itself. */
export function isContractPath(path: string): boolean {
  return CONTRACT_PATH.test(path);
}

/**
 * @param limits readers of the documentation count as strangers
 * @throws when a guide or an asset is missing
 */
export async function docs(options: Omit<DocsOptions, 'statusOf'>, limits: RateLimits): Promise<Middleware> {
  const site = await createDocsSite({ ...options, statusOf });
  const router = new Router<State>({ sensitive: true });
  router.get('/', (ctx) => answerRoot(ctx, options));
  for (const [path, file] of site.pages) {
    router.get(path, (ctx) => answerPage(ctx, file));
  }
  for (const [path, file] of site.contracts) {
    router.get(path, (ctx) => answerContract(ctx, file));
  }
  for (const [path, file] of site.assets) {
    router.get(path, (ctx) => answerAsset(ctx, file));
  }
  for (const path of ['/', ...site.pages.keys(), ...site.contracts.keys(), ...site.assets.keys()]) {
    router.all(path, refuseMethod);
  }
  router.all('/docs/*unknown', (ctx) => answerUnknown(ctx, site));
  const routes = router.routes() as unknown as Middleware;
  const countedRoutes: Middleware = async (ctx, next) => {
    await limits.countStranger(ctx.res, ctx.state.clientAddress);
    await routes(ctx, next);
  };
  return function docsMiddleware(ctx, next) {
    // The router tries its routes one by one, which requests of the API should not pay for.
    return OWN_PATHS.test(ctx.request.path) ? countedRoutes(ctx, next) : next();
  };
}

function answerPage(ctx: AppContext, page: StaticFile): void {
  ctx.state.isOutsideContract = true;
  ctx.set(PAGE_HEADERS);
  answerStatic(ctx, page);
}

function answerAsset(ctx: AppContext, asset: StaticFile): void {
  answerPage(ctx, asset);
  if (ctx.query['v'] === asset.version) {
    ctx.set('Cache-Control', FOR_EVER);
  }
}

/** For generators and browsers of any origin; cors() has set the headers. */
function answerContract(ctx: AppContext, contract: StaticFile): void {
  ctx.state.isOutsideContract = true;
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
  ctx.set('Cache-Control', 'no-cache');
  answerStatic(ctx, contract);
}

/** A person is led to the documentation, in the language of the browser; a program gets the addresses. */
function answerRoot(
  ctx: AppContext,
  { contract, publicUrl }: Pick<DocsOptions, 'contract' | 'publicUrl'>,
): void {
  ctx.state.isOutsideContract = true;
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Cache-Control', 'no-cache');
  ctx.vary('Accept');
  if (ctx.accepts('json', 'html') === 'html') {
    ctx.vary('Accept-Language');
    ctx.redirect(pathIn(ctx.acceptsLanguages('en', 'ja') === 'ja' ? 'ja' : 'en', '/docs'));
    return;
  }
  const { title, version } = contract.info;
  ctx.body = {
    name: title,
    version,
    links: {
      documentation: `${publicUrl}/docs`,
      openapi: `${publicUrl}/openapi.yaml`,
      health: `${publicUrl}/health`,
    },
  };
}

/** A person gets a page with a way back; a program gets the usual error form. */
function answerUnknown(ctx: AppContext, { notFound }: DocsSite): void {
  const wantsPage = ['GET', 'HEAD'].includes(ctx.method) && ctx.accepts('json', 'html') === 'html';
  if (!wantsPage) {
    throw new DomainError('not_found', 'There is no such route; /docs lists the pages there are');
  }
  answerPage(ctx, /^\/docs\/ja(\/|$)/.test(ctx.path) ? notFound.ja : notFound.en);
  ctx.status = 404;
}

function refuseMethod(ctx: AppContext): void {
  ctx.set('Allow', 'GET, HEAD');
  throw new DomainError('method_not_allowed', `This route does not support ${ctx.method}`);
}

/** Responds 200 with the content, or 304 when the caller has the same version. */
function answerStatic(ctx: AppContext, { type, bytes, gzipped, version }: StaticFile): void {
  ctx.status = 200;
  ctx.type = type;
  ctx.vary('Accept-Encoding');
  // Weak, because both encodings of the same content share it.
  ctx.set('ETag', `W/"${version}"`);
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  const isGzip = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
  if (isGzip) {
    ctx.set('Content-Encoding', 'gzip');
  }
  ctx.body = isGzip ? gzipped : bytes;
}
