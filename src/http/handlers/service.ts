/**
 * Tag Service: health of the process, readiness of the gateway.
 */
import { getReadiness } from '../../services/operations/get-readiness.ts';
import type { Handlers } from '../openapi/contract.ts';

export const serviceHandlers = {
  async getHealth() {
    return { status: 200, body: { status: 'ok' } };
  },

  async getReadiness({ deps }) {
    await getReadiness(deps);
    return { status: 200, body: { status: 'ok' } };
  },
} satisfies Partial<Handlers>;
