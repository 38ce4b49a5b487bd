/**
 * retrieveLogo: the gateway's own copy of a merchant's logo, by its content's hash. Public, as a logo is.
 */
import { logoPath } from '../../domain/checkout/logo-image.ts';
import { DomainError } from '../../domain/errors.ts';
import { findLogo, type LogoImage } from '../../store/sync/merchant-logos.ts';
import type { ServiceDeps } from '../deps.ts';

/**
 * @param file the hash, a dot, and the extension of the type
 * @throws not_found when no merchant has it, or no longer
 */
export async function retrieveLogo({ db }: Pick<ServiceDeps, 'db'>, file: string): Promise<LogoImage> {
  const [hash = ''] = file.split('.');
  const logo = await findLogo(db, hash);
  if (!logo || logoPath(logo.hash, logo.type) !== `/logos/${file}`) {
    throw new DomainError('not_found', 'There is no logo with this name');
  }
  return logo;
}
