/**
 * An answer that never changes while the process runs: its bytes, plain and compressed, and its entity tag are made once.
 */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { AppContext } from '../state.ts';

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

/** Answers 200 with the content, or 304 when the caller has it. */
export function answerStatic(ctx: AppContext, { type, bytes, gzipped, version }: StaticFile): void {
  ctx.status = 200;
  ctx.type = type;
  ctx.vary('Accept-Encoding');
  // Weak: the same for both forms of the same content.
  ctx.set('ETag', `W/"${version}"`);
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  const isGzip = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
  if (isGzip) ctx.set('Content-Encoding', 'gzip');
  ctx.body = isGzip ? gzipped : bytes;
}
