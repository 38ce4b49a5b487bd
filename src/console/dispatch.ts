/**
 * From a route to its handler: applies the route's rule, reads the body, calls the handler and writes its answer.
 */
import type { Actor } from '../domain/audit/act.ts';
import { type OperatorScope, scopeOf } from '../domain/operators/grants.ts';
import { isVerified, type SignedIn } from '../services/operator-accounts/sessions.ts';
import { renderPage } from '../web/console/layout.ts';
import { renderArrivingPage } from '../web/console/pages/sign-in/moving.ts';
import { readForm, readJson } from './body.ts';
import type { Answer, Call, ConsoleDeps, Handler } from './call.ts';
import { cookieHeader, readNamedCookie } from './cookies.ts';
import { localPath, storableValues } from './forms.ts';
import { languageOf } from './language.ts';
import { ConsoleRefusal, notFound, VerificationNeeded } from './refusals.ts';
import { layoutOf, mayUse } from './render.ts';
import { ROUTES, type Route, type RouteId } from './routes.ts';
import type { ConsoleContext } from './state.ts';
import { askToVerify } from './verification.ts';

export function serveRoute<Id extends RouteId>(deps: ConsoleDeps, id: Id, handle: Handler<Id>) {
  const route: Route = ROUTES[id];
  return async (ctx: ConsoleContext & { readonly params: Record<string, string> }): Promise<void> => {
    ctx.state.route = id;
    const { signedIn } = ctx.state;
    if (route.rule.kind !== 'anyone' && !signedIn) {
      askToSignIn(deps, ctx, route);
      return;
    }
    const scope = scopeFor(route, signedIn);
    refuseNul(ctx.params);
    const form = await readForm(ctx, route);
    const common = await commonOf(deps, ctx, form, route);
    const own = { ...(signedIn && { signedIn, actor: actorOf(signedIn) }), ...(scope && { scope }) };
    const call = { ...common, ...own } as unknown as Call<Id>;
    try {
      if (route.isVerified && signedIn && !isVerified(signedIn, deps.wallClock.now())) {
        throw new VerificationNeeded();
      }
      write(deps, ctx, await handle(deps, call));
    } catch (error) {
      if (!(error instanceof VerificationNeeded) || !signedIn) {
        throw error;
      }
      write(
        deps,
        ctx,
        askToVerify(
          { signedIn, form, language: common.language, target: common.target },
          route,
          deps.options.oidc !== undefined,
        ),
      );
    }
  };
}

/** @throws ConsoleRefusal when the rule does not let the operator in */
function scopeFor({ rule }: Route, signedIn: SignedIn | undefined): OperatorScope | undefined {
  if (rule.kind !== 'permission' || !signedIn) {
    return undefined;
  }
  if (!mayUse(signedIn, rule)) {
    throw new ConsoleRefusal(403, 'forbidden');
  }
  return scopeOf(signedIn.operator.grants, rule.permission);
}

/** The database can neither store nor find this character. @throws ConsoleRefusal */
function refuseNul(params: Readonly<Record<string, string>>): void {
  if (Object.values(params).some((text) => text.includes('\0'))) {
    throw notFound();
  }
}

function actorOf({ operator }: SignedIn): Actor {
  return { kind: 'operator', id: operator.id };
}

async function commonOf(
  deps: ConsoleDeps,
  ctx: ConsoleContext & { readonly params: Record<string, string> },
  form: URLSearchParams,
  route: Route,
) {
  return {
    params: ctx.params,
    query: storableValues(ctx.URL.searchParams),
    form,
    json: await readJson(ctx, route),
    language: languageOf(deps.options, ctx),
    target: ctx.url,
    requestId: ctx.state.requestId,
    clientAddress: ctx.state.clientAddress,
    userAgent: ctx.get('User-Agent') || undefined,
    cookie: (name: string) => readNamedCookie(deps.options, ctx.get('Cookie'), name),
  };
}

/**
 * A page leads to the sign-in and back; a script learns that the session has ended. Where a link on another site or an identity
 * provider leads here, the browser keeps the cookie of the session back; it sends it when the console itself leads to the page. To
 * what has an effect only the operator's own click leads, so that no other site can have it done.
 */
function askToSignIn(deps: ConsoleDeps, ctx: ConsoleContext, { method, body, hasEffect }: Route): void {
  if (body === 'json') {
    ctx.status = 401;
    ctx.body = { error: 'signed_out' };
    return;
  }
  if (method === 'GET' && ctx.get('Sec-Fetch-Site') === 'cross-site') {
    const page = renderArrivingPage(ctx.url, languageOf(deps.options, ctx));
    write(deps, ctx, { kind: 'page', page, ...(!hasEffect && { refreshTo: ctx.url }) });
    return;
  }
  const to = encodeURIComponent(method === 'GET' ? ctx.url : pageOfForm(deps, ctx.get('Referer')));
  ctx.redirect(`/sign-in?to=${to}${method === 'GET' ? '' : '&unsent=yes'}`);
  ctx.status = 303;
}

/** The page of the console that a form was on; `/` when the browser does not say. */
function pageOfForm({ options }: ConsoleDeps, referer: string): string {
  const url = URL.canParse(referer) ? new URL(referer) : undefined;
  return url?.origin === options.url ? localPath(`${url.pathname}${url.search}`) : '/';
}

function write(deps: ConsoleDeps, ctx: ConsoleContext, answer: Answer): void {
  for (const cookie of answer.cookies ?? []) {
    ctx.append('Set-Cookie', cookieHeader(deps.options, cookie));
  }
  switch (answer.kind) {
    case 'page':
      ctx.status = answer.status ?? 200;
      if (answer.refreshTo !== undefined) {
        ctx.set('Refresh', `0; url=${answer.refreshTo}`);
      }
      ctx.type = 'text/html; charset=utf-8';
      ctx.body = renderPage(answer.page, layoutOf(deps, ctx, languageOf(deps.options, ctx)));
      return;
    case 'redirect':
      ctx.redirect(answer.to);
      ctx.status = 303;
      return;
    case 'json':
      ctx.status = answer.status ?? 200;
      ctx.body = answer.json;
      return;
    case 'file':
      writeFile(ctx, answer);
  }
}

function writeFile(
  ctx: ConsoleContext,
  { type, content, fileName }: Extract<Answer, { kind: 'file' }>,
): void {
  ctx.status = 200;
  if (fileName === undefined) {
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
  } else {
    ctx.attachment(fileName);
  }
  // After the name, from whose extension Koa would derive another type.
  ctx.type = type;
  ctx.body = content;
}
