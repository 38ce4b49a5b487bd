/**
 * Tag Sandbox: help for developers.
 */
import { explainSignature } from '../../services/operations/explain-signature.ts';
import type { Handlers } from '../openapi/contract.ts';

export const sandboxHandlers = {
  async explainSignature({ deps, body }) {
    const { findings, stringToSign, bodySha256, clockSkewSeconds } = await explainSignature(deps, {
      authorization: body.authorization,
      method: body.method,
      target: body.path,
      body: body.body ?? '',
      signedText: body.string_to_sign,
    });
    return {
      status: 200,
      body: {
        is_valid: findings.length === 0,
        findings: [...findings],
        ...(stringToSign !== undefined && { string_to_sign: stringToSign }),
        ...(bodySha256 !== undefined && { body_sha256: bodySha256 }),
        ...(clockSkewSeconds !== undefined && { clock_skew_seconds: clockSkewSeconds }),
      },
    };
  },
} satisfies Partial<Handlers>;
