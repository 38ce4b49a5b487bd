/**
 * Who acts in tests of other things than the audit log.
 */
import type { ActContext } from '../../src/domain/audit/act.ts';

export const BY_TEST: ActContext = { actor: { kind: 'gateway', id: 'test' } };
