-- 0023: everybody may read a column whose name speaks of a secret, in a table without row level security.
with secrets (name) as (
    select unnest(array[
        'password', 'passwd', 'pwd', 'secret', 'api_key', 'token', 'jwt', 'access_token', 'refresh_token', 'session_token',
        'auth_code', 'otp', '2fa_secret', 'ssn', 'social_security', 'driver_license', 'passport_number', 'national_id',
        'tax_id', 'credit_card', 'card_number', 'cvv', 'bank_account', 'account_number', 'routing_number', 'iban',
        'swift_code', 'health_record', 'medical_record', 'patient_id', 'insurance_number', 'diagnosis', 'mac_address',
        'imei', 'device_uuid', 'ssh_key', 'pgp_key', 'certificate', 'fingerprint', 'biometric', 'facial_recognition'
    ])
)

select
    'sensitive_columns_exposed' as rule,
    c.oid::regclass::text as object,
    a.attname || ', ' || r.rolname as detail
from pg_attribute as a
inner join pg_class as c on c.oid = a.attrelid
inner join secrets as s on s.name = lower(a.attname)
inner join pg_roles as r on r.rolname in ('anon', 'authenticated')
where c.relkind in ('r', 'p')
  and not c.relrowsecurity
  and c.relnamespace = 'public'::regnamespace
  and not a.attisdropped
  and has_column_privilege(r.oid, c.oid, a.attnum, 'select')
