/** 12,480 */
export declare const count: (value: number) => string;
/** `1 slide`, `36 slides` */
export declare const counted: (value: number, noun: string, plural?: string) => string;
/** Three significant digits, without exponents for everyday sizes. */
export declare function figure(value: number): string;
export declare const percent: (share: number) => string;
