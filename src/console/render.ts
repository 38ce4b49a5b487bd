/**
 * What the layout of a page needs from its request.
 */
import { scopeOf } from '../domain/operators/grants.ts';
import type { LayoutView } from '../web/console/layout.ts';
import { SECTIONS } from '../web/console/sections.ts';
import type { Language } from '../web/console/texts/language.ts';
import type { ConsoleDeps } from './call.ts';
import { ROUTES, type Rule } from './routes.ts';
import type { ConsoleContext } from './state.ts';

export function layoutOf(deps: ConsoleDeps, ctx: ConsoleContext, language: Language): LayoutView {
  const { signedIn } = ctx.state;
  return {
    language,
    path: ctx.path,
    target: ctx.url,
    isSandbox: deps.isSandbox,
    operatorName: signedIn?.operator.name,
    sections: signedIn ? SECTIONS.filter(({ route }) => mayUse(signedIn, ROUTES[route].rule)) : [],
  };
}

/** Whether the rule lets the operator in. */
export function mayUse({ operator }: NonNullable<ConsoleContext['state']['signedIn']>, rule: Rule): boolean {
  if (rule.kind !== 'permission') {
    return true;
  }
  const scope = scopeOf(operator.grants, rule.permission);
  return scope !== undefined && (rule.reach === 'shops' || scope.kind === 'everything');
}
