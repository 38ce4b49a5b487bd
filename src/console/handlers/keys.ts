/**
 * API keys. A new secret is on the response to its form, and nowhere else.
 */
import type { ActContext } from '../../domain/audit/act.ts';
import { createKey, revokeKey, rotateKey, updateKey } from '../../services/operator/keys/change-keys.ts';
import { renderSecret } from '../../web/console/pages/keys/show.ts';
import { keyTexts } from '../../web/console/texts/gateway/keys.ts';
import { runAct } from '../acts/run-act.ts';
import type { Call, Handlers } from '../call.ts';
import { readNewKey, readSettings } from '../keys/forms.ts';
import { keyPage, keysPage } from '../keys/pages.ts';

function operatorOf(call: Pick<Call<'createKey'>, 'scope' | 'signedIn'>, by: ActContext) {
  return { by, scope: call.scope, grants: call.signedIn.operator.grants };
}

export const keysHandlers: Pick<
  Handlers,
  'listKeys' | 'createKey' | 'showKey' | 'updateKey' | 'rotateKey' | 'revokeKey'
> = {
  listKeys: (deps, call) => keysPage(deps, call),

  createKey: (deps, call) =>
    runAct(call, {
      problems: keyTexts(call.language).problems,
      async run(by) {
        const { key, secretKey } = await createKey(deps, operatorOf(call, by), readNewKey(call.form));
        return {
          kind: 'page',
          page: renderSecret({ key, secretKey, oldExpiresAt: undefined }, call.language),
        };
      },
      refuse: (refused) => keysPage(deps, call, refused),
    }),

  showKey: (deps, call) => keyPage(deps, call),

  updateKey: (deps, call) =>
    runAct(call, {
      problems: keyTexts(call.language).problems,
      async run(by) {
        const { apiKey } = call.params;
        await updateKey(deps, operatorOf(call, by), apiKey, await readSettings(deps, apiKey, call.form));
        return { kind: 'redirect', to: `/keys/${apiKey}?done=updated` };
      },
      refuse: (refused) => keyPage(deps, call, { ...refused, act: 'update' }),
    }),

  rotateKey: (deps, call) =>
    runAct(call, {
      problems: keyTexts(call.language).problems,
      async run(by) {
        const rotated = await rotateKey(deps, operatorOf(call, by), call.params.apiKey);
        return { kind: 'page', page: renderSecret(rotated, call.language) };
      },
      refuse: (refused) => keyPage(deps, call, { ...refused, act: 'rotate' }),
    }),

  revokeKey: (deps, call) =>
    runAct(call, {
      async run(by) {
        await revokeKey(deps, operatorOf(call, by), call.params.apiKey);
        return { kind: 'redirect', to: `/keys/${call.params.apiKey}?done=revoked` };
      },
      refuse: (refused) => keyPage(deps, call, { ...refused, act: 'revoke' }),
    }),
};
