/**
 * Which of its payment methods a PaymentIntent can be paid with: cash in any currency, the others in those that their provider
 * takes.
 */
import type { PaymentMethodType } from '../domain/payment.ts';
import type { Providers } from '../providers/provider.ts';

/** The methods among `types` that can be paid in the currency, in the same order. */
export function payableMethods(
  providers: Providers,
  types: readonly PaymentMethodType[],
  currency: string,
): readonly PaymentMethodType[] {
  return types.filter((type) => {
    if (type === 'cash') {
      return true;
    }
    const provider = providers.findForMethod(type);
    return provider !== undefined && (provider.currencies?.includes(currency) ?? true);
  });
}
