//! Rows turned into columns, as `unnest` takes them: one statement then writes thousands of rows.
//! It deliberately knows no table.

/// One value of every row, in the rows' order.
pub fn column<Row, Value>(rows: &[Row], value: impl Fn(&Row) -> Value) -> Vec<Value> {
    rows.iter().map(value).collect()
}
