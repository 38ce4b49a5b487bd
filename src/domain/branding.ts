/**
 * How a merchant presents itself to its payers. The upstream system sets it by sync; every part of it is optional.
 */
export interface Branding {
  /** Shown instead of the merchant's name. */
  readonly displayName: string | undefined;
  /** The path at which the gateway serves its own checked copy of the logo; undefined until it has one. */
  readonly logoPath: string | undefined;
  /** `#rrggbb`; white text on it, or black, has enough contrast. */
  readonly accentColor: string | undefined;
  readonly supportPhone: string | undefined;
  readonly supportEmail: string | undefined;
}
