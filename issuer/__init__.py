"""The issuer: templates become editions, spreadsheets become awards, awards become credentials in wallets."""
