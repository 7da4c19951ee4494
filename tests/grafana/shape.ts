// SPDX-License-Identifier: GPL-3.0-or-later
// The dashboard as Grafana's own types have it, down to the options of the two kinds of panels that are used.
import type { Dashboard, DataQuery, FieldConfig, Panel, RowPanel } from '@grafana/schema';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as SeriesFieldConfig,
  Options as SeriesOptions,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** What JSON has in the place of an enum: its values as texts and numbers. */
type Json<T> = T extends string ? `${T}` : T extends number ? T | EnumNumber<T> : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type EnumNumber<T extends number> = `${T}` extends `${infer N extends number}` ? N : never;

/** Grafana's package has no type for these. */
type PrometheusQuery = { expr: string; legendFormat: string; editorMode: 'code'; range: boolean; instant?: boolean };

type PanelOf<Type extends string, Options, Custom> = Omit<Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> & {
  type: Type;
  options: Options;
  fieldConfig: { defaults: Omit<FieldConfig, 'custom'> & { custom?: Custom }; overrides: never[] };
  targets: (DataQuery & PrometheusQuery)[];
};

export type Shape = Json<
  Omit<Dashboard, 'panels'> & {
    panels: (RowPanel | PanelOf<'stat', StatOptions, never> | PanelOf<'timeseries', SeriesOptions, SeriesFieldConfig>)[];
  }
>;
