/**
 * Checks the existing intents against the constraint of migration 0020. Outside a transaction, because it reads the whole
 * table; payments go on meanwhile.
 */
export const steps = ['alter table payment_intents validate constraint payment_intents_amount_refunded'];
