export interface ObserveArgs {
  /** First what has happened, as far as it is kept. */
  readonly History: boolean;
}

export interface InspectArgs {
  readonly Kind: 'sandbox' | 'container' | 'process';
  /** Of a process: CONTAINER/PID. */
  readonly ID: string;
}

export interface InspectedActor extends InspectArgs {
  /** Of its chart; the same with the parts of a state, by dots; what people see, "" of a process. */
  readonly State: string;
  readonly Path: string;
  readonly Public: string;
  /** Milliseconds since the Unix epoch. */
  readonly Since: number;
  /** How long the state may last, in ms; 0 for ever. */
  readonly Deadline: number;
  /** What it may be asked, and why it would refuse that now; "" for what it would take. */
  readonly Events: readonly { readonly Event: string; readonly Refusal: string }[];
  /** Who waits for it. */
  readonly Pending: readonly { readonly ID: string; readonly Verb: string; readonly Since: number }[];
  /** Of a container that has been made: what the platform shows. */
  readonly Observed?:
    { readonly Init: 'there' | 'gone'; readonly Frozen: boolean; readonly Processes: number } | undefined;
  /** Where that is not what the chart says. */
  readonly Differences: readonly string[];
}
