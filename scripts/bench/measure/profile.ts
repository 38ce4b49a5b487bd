/**
 * Summarizes a CPU profile as text: packages and functions by self time.
 */
import type { CpuProfile, ProfileNode } from './inspector.ts';

const TOP = 25;
const MIN_TOTAL_MS = 300;
/** Frames that are not work of the program. */
const IDLE_FRAMES = new Set(['(idle)', '(root)']);

/** @returns undefined if the program was almost idle */
export function describeProfile(profile: CpuProfile): string | undefined {
  const selfMs = selfTimes(profile);
  const work = [...selfMs].filter(([{ callFrame }]) => !IDLE_FRAMES.has(callFrame.functionName));
  const totalMs = work.reduce((sum, [, ms]) => sum + ms, 0);
  if (totalMs < MIN_TOTAL_MS) {
    return undefined;
  }
  const by = (nameOf: (node: ProfileNode) => string) => {
    const sums = new Map<string, number>();
    for (const [node, ms] of work) {
      sums.set(nameOf(node), (sums.get(nameOf(node)) ?? 0) + ms);
    }
    return [...sums]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, TOP)
      .map(([name, ms]) => `  ${((100 * ms) / totalMs).toFixed(1).padStart(5)} %  ${name}`)
      .join('\n');
  };
  return `by part:\n${by(partOf)}\nby function (self time):\n${by(functionOf)}`;
}

function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): Map<ProfileNode, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map<ProfileNode, number>();
  for (const [index, id] of samples.entries()) {
    const node = byId.get(id);
    if (node) {
      times.set(node, (times.get(node) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
    }
  }
  return times;
}

/** For example "koa", "node:http", "src/http". */
function partOf({ callFrame: { url, functionName } }: ProfileNode): string {
  const [, packageName] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (packageName !== undefined) {
    return packageName;
  }
  const [, folder] = /\/dist\/((?:src\/[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (folder !== undefined) {
    return folder;
  }
  if (url.startsWith('node:')) {
    return url.replace(/^node:(internal\/)?([^/]+).*/, 'node:$2');
  }
  return url === '' ? functionName || 'native' : url;
}

function functionOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const file = url.replace(/.*\/(node_modules|dist)\//, '').replace(/^file:\/\//, '');
  const place = file === '' ? '' : `  ${file}:${lineNumber + 1}`;
  return `${functionName || '(anonymous)'}${place}`;
}
