/**
 * Script, style sheet and the language of the pages.
 */
import { findAsset } from '../../web/console/assets.ts';
import { isLanguage } from '../../web/console/texts/language.ts';
import type { Handlers } from '../call.ts';
import { LANGUAGE_COOKIE } from '../cookies.ts';
import { localPath } from '../forms.ts';
import { notFound } from '../refusals.ts';

const YEAR_SECONDS = 31_536_000;

export const assetsHandlers: Pick<Handlers, 'getAsset' | 'changeLanguage'> = {
  getAsset(_, { params }) {
    const asset = findAsset(params.name);
    if (!asset) {
      throw notFound();
    }
    return { kind: 'file', type: asset.type, content: asset.content };
  },

  changeLanguage(_, { form }) {
    const language = form.get('language') ?? undefined;
    const to = localPath(form.get('to'));
    return isLanguage(language)
      ? {
          kind: 'redirect',
          to,
          cookies: [
            { name: LANGUAGE_COOKIE, value: language, sameSite: 'strict', maxAgeSeconds: YEAR_SECONDS },
          ],
        }
      : { kind: 'redirect', to };
  },
};
