/**
 * The health page.
 */
import { readHealth } from '../../services/operator/health/read-health.ts';
import { readPlots } from '../../services/operator/health/read-plots.ts';
import { renderHealth } from '../../web/console/pages/health/show.ts';
import type { Handlers } from '../call.ts';

export const healthHandlers: Pick<Handlers, 'showHealth'> = {
  async showHealth(deps, { language }) {
    const health = await readHealth(deps);
    const plots = await readPlots(deps);
    return { kind: 'page', page: renderHealth({ health, plots }, language) };
  },
};
