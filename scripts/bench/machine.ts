/**
 * Describes the machine on which the benchmark runs.
 */
import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';

const GIB = 1024 ** 3;

export function describeMachine(postgresVersion: string): string {
  const cpu = cpus()[0]?.model.trim() || 'unknown CPU';
  const memory = `${Math.round(totalmem() / GIB)} GiB`;
  return [
    `${cpu}, ${availableParallelism()} cores, ${memory}`,
    `${platform()} ${release()}`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${postgresVersion}`,
  ].join('; ');
}
