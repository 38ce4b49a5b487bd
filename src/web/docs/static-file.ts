/**
 * A file that does not change while the process runs. Its bytes, its gzipped bytes and its version are computed once.
 */
import { gzipSync } from 'node:zlib';
import { sha256 } from '../../lib/hash.ts';

export interface StaticFile {
  readonly type: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
  /** A hash of the content, so it is the same on every node that serves the same content. */
  readonly version: string;
}

export function staticFile(type: string, content: string): StaticFile {
  const bytes = Buffer.from(content);
  const version = sha256(bytes).toString('base64url').slice(0, 16);
  return { type, bytes, gzipped: gzipSync(bytes, { level: 9 }), version };
}
