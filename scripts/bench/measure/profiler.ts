/**
 * Profiles the gateways during the measurements, without the warm-up.
 */

import type { Program } from '../programs/program.ts';
import { type Inspector, inspect } from './inspector.ts';
import { describeProfile } from './profile.ts';

export interface Profiler {
  add(program: Program): Promise<void>;
  begin(): Promise<void>;
  end(): Promise<void>;
  /** Returns and clears the profiles since the last call, one text per gateway. */
  take(): string[];
}

export function createProfiler(): Profiler {
  const inspected = new Map<Program, Inspector>();
  const texts: string[] = [];
  return {
    async add(program) {
      inspected.set(program, await inspect(program));
      program.child.once('exit', () => inspected.delete(program));
    },
    async begin() {
      for (const inspector of inspected.values()) {
        await inspector.startProfile();
      }
    },
    async end() {
      for (const [{ name }, inspector] of inspected) {
        const text = describeProfile(await inspector.stopProfile());
        if (text !== undefined) {
          texts.push(`${name}, ${text}`);
        }
      }
    },
    take: () => texts.splice(0),
  };
}
