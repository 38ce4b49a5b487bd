/**
 * Where the merchant receives webhooks, and what became of their deliveries.
 */
import type { Client } from 'openapi-fetch';
import type { components, operations, paths } from '../../generated/openapi.d.ts';
import { dataOf, doneOf, signalOf, writeInit } from './calls.ts';
import type { CallOptions, WriteOptions } from './options.ts';

type Schemas = components['schemas'];
export type DeliveriesQuery = NonNullable<operations['listWebhookDeliveries']['parameters']['query']>;

export interface WebhookEndpointMethods {
  /** Returns the signing secret, which is shown only here and by a rotation. */
  createWebhookEndpoint(
    input: Schemas['CreateWebhookEndpointRequest'],
    options?: WriteOptions,
  ): Promise<Schemas['CreatedWebhookEndpoint']>;
  listWebhookEndpoints(options?: CallOptions): Promise<Schemas['WebhookEndpoint'][]>;
  retrieveWebhookEndpoint(id: string, options?: CallOptions): Promise<Schemas['WebhookEndpoint']>;
  updateWebhookEndpoint(
    id: string,
    changes: Schemas['UpdateWebhookEndpointRequest'],
    options?: CallOptions,
  ): Promise<Schemas['WebhookEndpoint']>;
  deleteWebhookEndpoint(id: string, options?: CallOptions): Promise<void>;
  /** Until the overlap ends, webhooks carry a signature of the new and of the previous secret. */
  rotateWebhookSecret(
    id: string,
    options?: Schemas['RotateWebhookSecretRequest'] & WriteOptions,
  ): Promise<Schemas['CreatedWebhookEndpoint']>;
  /** Sends a `ping` now and returns what happened, in words. */
  pingWebhookEndpoint(id: string, options?: WriteOptions): Promise<Schemas['PingResult']>;
  replayWebhookEndpoint(
    id: string,
    period: Schemas['ReplayWebhookEndpointRequest'],
    options?: WriteOptions,
  ): Promise<Schemas['ReplayResult']>;
  /** One page, newest event first. */
  listWebhookDeliveries(
    endpointId: string,
    query?: DeliveriesQuery,
    options?: CallOptions,
  ): Promise<Schemas['WebhookDelivery'][]>;
  /** With its attempts. */
  retrieveWebhookDelivery(id: string, options?: CallOptions): Promise<Schemas['WebhookDeliveryWithAttempts']>;
  redeliverWebhook(id: string, options?: WriteOptions): Promise<Schemas['WebhookDelivery']>;
}

/** The methods of the client for webhook endpoints and deliveries. */
export function webhookEndpointMethods(api: Client<paths>): WebhookEndpointMethods {
  return { ...endpointMethods(api), ...deliveryMethods(api) };
}

type DeliveryMethods = Pick<
  WebhookEndpointMethods,
  'replayWebhookEndpoint' | 'listWebhookDeliveries' | 'retrieveWebhookDelivery' | 'redeliverWebhook'
>;

const ONE = '/v1/webhook_endpoints/{id}';
const at = (id: string) => ({ path: { id } });

function endpointMethods(api: Client<paths>): Omit<WebhookEndpointMethods, keyof DeliveryMethods> {
  return {
    createWebhookEndpoint: (body, call = {}) =>
      dataOf(api.POST('/v1/webhook_endpoints', { body, ...writeInit(call) })),
    listWebhookEndpoints: (call = {}) => dataOf(api.GET('/v1/webhook_endpoints', signalOf(call))),
    retrieveWebhookEndpoint: (id, call = {}) => dataOf(api.GET(ONE, { params: at(id), ...signalOf(call) })),
    updateWebhookEndpoint: (id, body, call = {}) =>
      dataOf(api.PATCH(ONE, { params: at(id), body, ...signalOf(call) })),
    deleteWebhookEndpoint: (id, call = {}) => doneOf(api.DELETE(ONE, { params: at(id), ...signalOf(call) })),
    rotateWebhookSecret: (id, { overlap_seconds, ...call } = {}) => {
      const body = overlap_seconds === undefined ? {} : { overlap_seconds };
      return dataOf(api.POST(`${ONE}/rotate_secret`, { params: at(id), body, ...writeInit(call) }));
    },
    pingWebhookEndpoint: (id, call = {}) =>
      dataOf(api.POST(`${ONE}/ping`, { params: at(id), ...writeInit(call) })),
  };
}

function deliveryMethods(api: Client<paths>): DeliveryMethods {
  return {
    replayWebhookEndpoint: (id, body, call = {}) =>
      dataOf(api.POST(`${ONE}/replay`, { params: at(id), body, ...writeInit(call) })),
    listWebhookDeliveries: (id, query = {}, call = {}) =>
      dataOf(api.GET(`${ONE}/deliveries`, { params: { ...at(id), query }, ...signalOf(call) })),
    retrieveWebhookDelivery: (id, call = {}) =>
      dataOf(api.GET('/v1/webhook_deliveries/{id}', { params: at(id), ...signalOf(call) })),
    redeliverWebhook: (id, call = {}) =>
      dataOf(api.POST('/v1/webhook_deliveries/{id}/redeliver', { params: at(id), ...writeInit(call) })),
  };
}
