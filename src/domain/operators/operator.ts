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

/** An operator as the gateway has registered them. */
export interface OperatorRecord extends Operator {
  readonly lastSeenAt: Date | undefined;
  readonly passkeys: number;
  /** Whether they can sign in through the identity provider. */
  readonly hasOidc: boolean;
}

/** Who somebody is at an identity provider. */
export interface OidcIdentity {
  readonly issuer: string;
  readonly subject: string;
}

export interface Passkey {
  /** The credential id, base64url. */
  readonly id: string;
  readonly operatorId: string;
  /** COSE. */
  readonly publicKey: Buffer;
  /** How often it was used, as it says itself; 0 when it does not count. */
  readonly counter: number;
  readonly transports: readonly string[];
  /** Where it was made, such as `Chrome on macOS`. */
  readonly label: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | undefined;
}

/** A one-time link by which an operator registers. */
export interface Invitation {
  /** Lower-case hex SHA-256 of the secret in the link. */
  readonly hash: string;
  readonly operatorId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | undefined;
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
