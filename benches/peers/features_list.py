"""The 40 features of the library that `features.sh` times, as three tables of (name, aggregate, column, condition)."""

WINDOWS = [30, 90, 365]
AS_OF = "2025-06-30"

# aggregate, column, condition; conditions are SQL over the columns that the scripts add: days_late, open, day, days_to_return
TABLES = {
    "orders": {
        "orders_count": ("distinct", "order", None),
        "orders_lines": ("count", None, None),
        "orders_amount": ("sum", "amount", None),
        "orders_quantity": ("sum", "quantity", None),
        "orders_line_mean": ("mean", "amount", None),
        "orders_line_max": ("max", "amount", None),
        "orders_discount": ("sum", "discount", None),
        "orders_active_days": ("distinct", "day", None),
        "orders_categories": ("distinct", "category", None),
        "orders_products": ("distinct", "product", None),
        "orders_channels": ("distinct", "channel", None),
        "orders_web_share": ("share", None, "channel = 'web'"),
        "orders_cod_share": ("share", None, "method = 'cash_on_delivery'"),
        "orders_cod_amount": ("sum", "amount", "method = 'cash_on_delivery'"),
    },
    "payments": {
        "payments_count": ("count", None, None),
        "payments_amount": ("sum", "amount", None),
        "payments_late_count": ("count", None, "days_late > 0"),
        "payments_late_share": ("share", None, "days_late > 0"),
        "payments_late_amount_share": ("share", "amount", "days_late > 0"),
        "payments_late_30_count": ("count", None, "days_late >= 30"),
        "payments_late_60_count": ("count", None, "days_late >= 60"),
        "payments_late_90_count": ("count", None, "days_late >= 90"),
        "payments_missed_count": ("count", None, "is_open and days_late >= 30"),
        "payments_open_share": ("share", "amount", "is_open"),
        "payments_delay_mean": ("mean", "days_late", None),
        "payments_delay_max": ("max", "days_late", None),
        "payments_methods": ("distinct", "method", None),
        "payments_cod_share": ("share", None, "method = 'cash_on_delivery'"),
    },
    "returns": {
        "returns_count": ("count", None, None),
        "returned_orders": ("distinct", "order", None),
        "returns_amount": ("sum", "amount", None),
        "returns_quantity": ("sum", "quantity", None),
        "returns_amount_max": ("max", "amount", None),
        "return_days_mean": ("mean", "days_to_return", None),
        "returns_late_share": ("share", None, "days_to_return > 30"),
        "returns_defect_share": ("share", None, "reason in ('defect', 'damaged')"),
    },
}

# of two others
RATIOS = {
    "orders_basket": ("orders_amount", "orders_count"),
    "orders_discount_rate": ("orders_discount", "orders_amount"),
    "return_rate": ("returned_orders", "orders_count"),
    "return_rate_amount": ("returns_amount", "orders_amount"),
}

NAMES = [name for table in TABLES.values() for name in table] + list(RATIOS)
assert len(NAMES) == 40

# What is mapped and neither these features nor the scripts of the others read.
UNUSED = {
    "customers": ["born_at", "region", "group"],
    "payments": ["payment", "order", "paid_amount"],
    "returns": ["return", "category", "product"],
}

if __name__ == "__main__":
    import json
    import sys
    import tomllib

    # `read`: the columns that the others read, and rows that are alike are kept, as they keep them.
    # `checked`: all columns, and each payment and return is held against its order and the others of its id.
    path, how = sys.argv[1:]
    with open(path, "rb") as file:
        config = tomllib.load(file)
    print(f"currency = {json.dumps(config['currency'])}\ntime_zone = {json.dumps(config['time_zone'])}")
    for table in ["customers", *TABLES]:
        unused = UNUSED.get(table, []) if how == "read" else []
        columns = [f"{name} = {json.dumps(of)}" for name, of in config[table]["columns"].items() if name not in unused]
        print(f"[{table}]\nfile = {json.dumps(config[table]['file'])}\ncolumns = {{ {', '.join(columns)} }}")
        if how == "read":
            print('duplicates = "keep"')
    print(f"[features]\nlibrary = {json.dumps(NAMES)}\nwindows = {json.dumps([f'{w}d' for w in WINDOWS])}")
