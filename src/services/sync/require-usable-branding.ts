/**
 * The rules of a merchant's branding that the contract cannot express.
 */
import type { BrandingUpdate } from '../../domain/branding.ts';
import { findContrastFault } from '../../domain/checkout/accent-color.ts';
import { findShopUrlFault } from '../../domain/checkout/shop-url.ts';
import { invalidField } from '../../domain/errors.ts';
import type { ServiceDeps } from '../deps.ts';

/** @throws invalid_request for the first colour or logo URL that cannot be used */
export function requireUsableBranding(
  { isSandbox, imageFetcher }: Pick<ServiceDeps, 'isSandbox' | 'imageFetcher'>,
  merchants: readonly { readonly branding?: BrandingUpdate | undefined }[],
): void {
  for (const [index, { branding }] of merchants.entries()) {
    const path = `merchants.${index}.branding`;
    const { accent_color: color = '', logo_url: logoUrl = '' } = branding ?? {};
    const contrast = color === '' ? undefined : findContrastFault(color);
    if (contrast !== undefined) {
      throw invalidField(`${path}.accent_color`, 'contrast', `Accent color ${color} ${contrast}`);
    }
    const field = { path: `${path}.logo_url`, label: 'Logo url' };
    const fault = logoUrl === '' ? undefined : findShopUrlFault(field, logoUrl, isSandbox);
    if (fault) {
      throw fault;
    }
    const unreachable = logoUrl === '' ? undefined : imageFetcher.findUrlFault(logoUrl);
    if (unreachable) {
      throw invalidField(field.path, unreachable.constraint, `Logo url: ${unreachable.message}`);
    }
  }
}
