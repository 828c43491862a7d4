import { figure, percent } from '../parts/number-label.ts';

/** What a metric of the trainer is called, in which unit it is read, and how its numbers are written. */
export interface Quantity {
  title: string;
  unit: string | null;
  write(value: number): string;
}

const share = (value: number) => percent(value);
const withUnit = (title: string, unit: string | null = null, write = figure): Quantity => ({ title, unit, write });

const known: Record<string, Quantity> = {
  loss: withUnit('Loss', 'nats'),
  teacher_entropy: withUnit('Teacher entropy', 'nats'),
  knn_accuracy: withUnit('k-NN accuracy on slide labels', '% of crops', share),
  center_norm: withUnit('Center norm'),
  grad_norm: withUnit('Gradient norm'),
  lr: withUnit('Learning rate'),
  weight_decay: withUnit('Weight decay'),
  momentum: withUnit('Teacher momentum', null, (value) => value.toFixed(4)),
  images_per_s: withUnit('Throughput', 'crops/s'),
  data_wait: withUnit('Waiting for crops', '% of the time', share),
};

export const quantityOrder = Object.keys(known);

/** A name that is not known is shown as it is. */
export function quantityOf(name: string): Quantity {
  return known[name] ?? withUnit(name.replaceAll('_', ' '));
}
