/**
 * An answer that never changes while the process runs: its bytes, plain and compressed, and its entity tag are made once.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  /** Changes with the content; the same on every node that runs the same version. */
  readonly version: string;
}

export function staticFile(type: string, content: string): StaticFile {
  const bytes = Buffer.from(content);
  const version = createHash('sha256').update(bytes).digest('base64url').slice(0, 16);
  return { type, bytes, gzipped: gzipSync(bytes, { level: 9 }), version };
}
