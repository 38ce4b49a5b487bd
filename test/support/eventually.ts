/**
 * Waiting for a condition outside a test, in hooks and helpers, where there is no `expect.poll`.
 */
import { vi } from 'vitest';

/** Resolves when `check` no longer throws. */
export async function eventually(check: () => unknown, intervalMs = 20): Promise<void> {
  await vi.waitFor(check, { timeout: 30_000, interval: intervalMs });
}
