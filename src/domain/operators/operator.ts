/**
 * Operators: the people who use the console.
 */
import type { Grant } from './grants.ts';

export interface Operator {
  /** `op_…` */
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  /** The operator whom a start with the sandbox signs in by a link; such an operator has no passkey. */
  readonly isDemo: boolean;
  readonly createdAt: Date;
  readonly disabledAt: Date | undefined;
}

/** How a session began. */
export type SignInMethod = 'passkey' | 'oidc' | 'demo';

export interface OperatorSession {
  /** Lower-case hex SHA-256 of the secret in the cookie; also names the session on pages. */
  readonly hash: string;
  readonly operatorId: string;
  readonly method: SignInMethod;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** When the operator last proved who they are. */
  readonly verifiedAt: Date;
  readonly clientAddress: string | undefined;
  readonly userAgent: string | undefined;
}
