/**
 * A passkey device for tests in Chromium: a virtual authenticator that confirms by itself, as if its user touched it.
 */
import type { CDPSession, Page } from 'playwright-core';

export interface TestDevice {
  /** How many passkeys it has. */
  passkeys(): Promise<number>;
  /** Whether its user confirms, or the device refuses them. */
  setConfirming(isConfirming: boolean): Promise<void>;
  /** Sets the count of uses of all its passkeys, as a copy of the device would have it. */
  setCounter(counter: number): Promise<void>;
}

/** Plugs a new device into the page: one that is part of the machine, or one beside it. */
export async function plugInDevice(
  page: Page,
  transport: 'internal' | 'usb' = 'internal',
): Promise<TestDevice> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport,
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    passkeys: async () => (await credentialsOf(session, authenticatorId)).length,
    async setConfirming(isUserVerified) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    },
    async setCounter(signCount) {
      for (const credential of await credentialsOf(session, authenticatorId)) {
        const { credentialId } = credential;
        await session.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
        await session.send('WebAuthn.addCredential', {
          authenticatorId,
          credential: { ...credential, signCount },
        });
      }
    },
  };
}

async function credentialsOf(session: CDPSession, authenticatorId: string) {
  return (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials;
}
