/** What a metric of the trainer is called, in which unit it is read, and how its numbers are written. */
export interface Quantity {
    title: string;
    unit: string | null;
    write(value: number): string;
}
export declare const quantityOrder: string[];
/** A name that is not known is shown as it is. */
export declare function quantityOf(name: string): Quantity;
