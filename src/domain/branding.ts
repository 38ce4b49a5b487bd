/**
 * How a merchant presents itself to its payers. The upstream system sets it by sync; every part of it is optional.
 */
/** The fields that a sync sets; also their columns, and their names in the history of the merchant. */
export const BRANDING_FIELDS = [
  'display_name',
  'logo_url',
  'accent_color',
  'support_phone',
  'support_email',
] as const;
export type BrandingField = (typeof BRANDING_FIELDS)[number];

/** The new values of some fields; an empty text removes a value. */
export type BrandingUpdate = { readonly [Field in BrandingField]?: string | undefined };

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
