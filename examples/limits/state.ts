/** The settings as plain values, as they travel in messages. */
export interface State {
  readonly revision: number;
  readonly perSecond: number;
  readonly newCheckout: boolean;
  readonly maintenance: boolean;
}
