/**
 * Connects to the inspector of a running Node program, to collect garbage or to profile it. The program must be started
 * with the options INSPECTED.
 */
import { WebSocket } from 'undici';
import type { Program } from '../programs/program.ts';

export const INSPECTED = ['--inspect=127.0.0.1:0'] as const;

/** One function in a CPU profile. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** The node id of each sample. */
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface Inspector {
  collectGarbage(): Promise<void>;
  heapBytes(): Promise<number>;
  startProfile(): Promise<void>;
  stopProfile(): Promise<CpuProfile>;
  close(): void;
}

export async function inspect(program: Program): Promise<Inspector> {
  const address = /Debugger listening on (ws:\S+)/;
  await program.waitUntil(() => address.test(program.output()));
  const socket = new WebSocket(address.exec(program.output())?.[1] ?? '');
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  const call = callsOver(socket);
  await call('Profiler.enable');
  return {
    async collectGarbage() {
      await call('HeapProfiler.collectGarbage');
    },
    async heapBytes() {
      return ((await call('Runtime.getHeapUsage')) as { usedSize: number }).usedSize;
    },
    async startProfile() {
      await call('Profiler.start');
    },
    async stopProfile() {
      return ((await call('Profiler.stop')) as { profile: CpuProfile }).profile;
    },
    close: () => socket.close(),
  };
}

function callsOver(socket: WebSocket): (method: string) => Promise<unknown> {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let calls = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result, error } = JSON.parse(String(data));
    const caller = waiting.get(id);
    waiting.delete(id);
    if (error) {
      caller?.reject(new Error(error.message));
    } else {
      caller?.resolve(result);
    }
  });
  socket.addEventListener('close', () => {
    for (const { reject } of waiting.values()) {
      reject(new Error('the inspected program has ended'));
    }
  });
  return (method) =>
    new Promise((resolve, reject) => {
      calls += 1;
      waiting.set(calls, { resolve, reject });
      socket.send(JSON.stringify({ id: calls, method }));
    });
}
